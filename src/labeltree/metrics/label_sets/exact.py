"""Share of images that are answered exactly."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from labeltree.metrics.label_sets.f1 import f1
from labeltree.metrics.levels import mean
from labeltree.taxonomy import Taxonomy
from labeltree.taxonomy.label_sets import LabelSets


def exact(taxonomy: Taxonomy, answers: NDArray[np.bool_], sets: LabelSets) -> float:
    """Share of images whose answer is right about all leaves of which something is known.

    Of the images that `example_f1` counts, those with an F1 of 1.

    Args:
        taxonomy: the tree.
        answers: whether each leaf is answered, shape `(n, num_leaves)`.
        sets: label sets, shape `(n, K)`.

    Source: "subset accuracy" of scikit-learn, its `accuracy_score` of label sets.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> answers = np.array([[0, 1, 0], [0, 0, 1]], dtype=bool)
    >>> exact(tree, answers, np.array([[3, 4], [4, -1]]))
    0.5
    """
    each = f1(taxonomy, answers, sets, axis=1)
    return mean(each[~np.isnan(each)] == 1)
