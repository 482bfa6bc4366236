"""F1 of each label, averaged."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from labeltree.metrics.label_sets.f1 import f1, mean_known
from labeltree.taxonomy import Taxonomy
from labeltree.taxonomy.label_sets import LabelSets


def label_f1(taxonomy: Taxonomy, answers: NDArray[np.bool_], sets: LabelSets) -> float:
    """F1 of every leaf, averaged over the leaves that some image shows ("macro").

    Rare leaves count as much as frequent ones. Images of which it is not known whether they show
    the leaf do not count for it. NaN if no leaf is shown.

    Args:
        taxonomy: the tree.
        answers: whether each leaf is answered, shape `(n, num_leaves)`.
        sets: label sets, shape `(n, K)`.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> answers = np.array([[0, 1, 0], [0, 0, 1]], dtype=bool)
    >>> label_f1(tree, answers, np.array([[3, 4], [4, -1]]))  # beagle 1, pug 2 / 3
    0.8333333333333333
    """
    return mean_known(f1(taxonomy, answers, sets, axis=0))
