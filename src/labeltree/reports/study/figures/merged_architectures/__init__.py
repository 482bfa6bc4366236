"""Figures of the study of merged coarse and fine networks (paper 002)."""

from __future__ import annotations

from collections.abc import Callable

from labeltree.reports.charts import Figure
from labeltree.reports.record import Json
from labeltree.reports.study.figures.merged_architectures.agreement import agreement
from labeltree.reports.study.figures.merged_architectures.error_against_alpha import (
    error_against_alpha,
)
from labeltree.reports.study.figures.significance import significance_of

# What adaptation and merging come to, how sure that is, and why there is something to gain.
FIGURES: dict[str, Callable[[Json], Figure | None]] = {
    "error_against_alpha": error_against_alpha,
    "significance": significance_of(
        {"variants": "between variants, α = 1", "alphas": "between values of α"}
    ),
    "agreement": agreement,
}

__all__ = ["FIGURES"]
