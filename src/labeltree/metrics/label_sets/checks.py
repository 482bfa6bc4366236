"""What a caller of these metrics can get wrong."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from labeltree.taxonomy import Taxonomy
from labeltree.taxonomy.label_sets import LabelSets


def check_k(k: int) -> None:
    """Raise ValueError unless at least one leaf counts."""
    if k < 1:
        raise ValueError(f"k is {k}; expected at least 1")


def as_sets(taxonomy: Taxonomy, values: NDArray, sets: LabelSets) -> LabelSets:
    """Label sets `(n, K)`, from these or from one target per image, `(n,)`.

    Raises:
        ValueError: unless there is a row of `values` for each image and a column for each leaf.
    """
    expected = (len(sets), taxonomy.num_leaves)
    if values.shape != expected:
        raise ValueError(
            f"scores or answers have shape {values.shape}; expected {expected}, one row per label "
            "set and one column per leaf of the taxonomy"
        )
    return sets if sets.ndim == 2 else sets[:, np.newaxis]
