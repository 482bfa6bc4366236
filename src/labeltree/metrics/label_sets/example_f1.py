"""F1 of each image, averaged."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from labeltree.metrics.label_sets.f1 import f1, mean_known
from labeltree.taxonomy import Taxonomy
from labeltree.taxonomy.label_sets import LabelSets


def example_f1(taxonomy: Taxonomy, answers: NDArray[np.bool_], sets: LabelSets) -> float:
    """F1 of every image's answer, averaged over the images that are known to show a leaf.

    Leaves of which it is not known whether an image shows them do not count for it. NaN if no
    image is known to show a leaf.

    Args:
        taxonomy: the tree.
        answers: whether each leaf is answered, shape `(n, num_leaves)`.
        sets: label sets, shape `(n, K)`.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> answers = np.array([[0, 1, 0], [0, 0, 1]], dtype=bool)
    >>> example_f1(tree, answers, np.array([[3, 4], [4, -1]]))  # 2 / 3 and 1
    0.8333333333333333
    """
    return mean_known(f1(taxonomy, answers, sets, axis=1))
