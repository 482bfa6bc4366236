"""F1 of all pairs of an image and a label."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from labeltree.metrics.label_sets.f1 import f1
from labeltree.taxonomy import Taxonomy
from labeltree.taxonomy.label_sets import LabelSets


def micro_f1(taxonomy: Taxonomy, answers: NDArray[np.bool_], sets: LabelSets) -> float:
    """F1 over all images and leaves at once, pairs left out of which nothing is known ("micro").

    NaN if no leaf is shown.

    Args:
        taxonomy: the tree.
        answers: whether each leaf is answered, shape `(n, num_leaves)`.
        sets: label sets, shape `(n, K)`.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> answers = np.array([[0, 1, 0], [0, 0, 1]], dtype=bool)
    >>> micro_f1(tree, answers, np.array([[3, 4], [4, -1]]))  # 2 answered, 3 present, 2 right
    0.8
    """
    return float(f1(taxonomy, answers, sets, axis=None))
