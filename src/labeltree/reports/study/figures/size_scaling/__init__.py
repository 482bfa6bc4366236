"""Figures of the study of error against the number of classes (paper 000, section 2.1)."""

from __future__ import annotations

from collections.abc import Callable

from labeltree.reports.charts import Figure
from labeltree.reports.record import Json
from labeltree.reports.study.figures.size_scaling.errors_by_size import errors_by_size
from labeltree.reports.study.figures.size_scaling.relative_growth import relative_growth

# The paper's figure 1, and what it is made of.
FIGURES: dict[str, Callable[[Json], Figure | None]] = {
    "relative_growth": relative_growth,
    "errors_by_size": errors_by_size,
}

__all__ = ["FIGURES"]
