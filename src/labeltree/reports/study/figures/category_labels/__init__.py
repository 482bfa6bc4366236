"""Figures of the study of class and category labels (paper 000, section 2.3)."""

from __future__ import annotations

from collections.abc import Callable

from labeltree.reports.charts import Figure
from labeltree.reports.record import Json
from labeltree.reports.study.figures.category_labels.class_gains import class_gains
from labeltree.reports.study.figures.category_labels.schemes import schemes
from labeltree.reports.study.figures.significance import significance_of

# The paper's table 5, how sure it is, and whom it helps.
FIGURES: dict[str, Callable[[Json], Figure | None]] = {
    "schemes": schemes,
    "significance": significance_of({"schemes": "class labels, and those with category labels"}),
    "class_gains": class_gains,
}

__all__ = ["FIGURES"]
