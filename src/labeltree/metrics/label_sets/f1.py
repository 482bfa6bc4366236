"""F1 of answers that are sets of leaves, counted along either axis."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from labeltree.metrics.label_sets.checks import as_sets
from labeltree.taxonomy import Taxonomy
from labeltree.taxonomy.label_sets import LabelSets, leaf_marks


def f1(
    taxonomy: Taxonomy, answers: NDArray[np.bool_], sets: LabelSets, axis: int | None
) -> NDArray[np.float64]:
    """2 × right / (answered + present), where it is known whether the leaf is present.

    Args:
        taxonomy: the tree.
        answers: whether each leaf is answered, shape `(n, num_leaves)`.
        sets: label sets, shape `(n, K)`.
        axis: summed over: 0 for the F1 of each leaf, 1 for that of each image, None for all.

    Returns:
        Shape `(num_leaves,)`, `(n,)` or `()`; NaN where no leaf is known to be present: there
        even the best answers would not be told from none.
    """
    present, known = leaf_marks(taxonomy, as_sets(taxonomy, answers, sets))
    right = (answers & present).sum(axis=axis)
    shown = present.sum(axis=axis)
    total = (answers & known).sum(axis=axis) + shown
    return np.where(shown > 0, 2 * right / np.maximum(total, 1), np.nan)


def mean_known(values: NDArray[np.float64]) -> float:
    """Mean of what is a number; NaN, without a warning, if nothing is."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else float("nan")
