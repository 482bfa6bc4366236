"""Cells of tables that several studies have."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from labeltree.reports.words import spread


def mean_cell(values: NDArray[np.float64]) -> str:
    """Mean and, of more than one, standard deviation of shares, as percentages, `(n,)`."""
    return spread(float(values.mean()), float(values.std(ddof=1)) if len(values) > 1 else None, 2)
