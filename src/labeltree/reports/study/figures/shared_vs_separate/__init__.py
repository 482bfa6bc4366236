"""Figures of the study of shared and separate networks (paper 000, section 2.2)."""

from __future__ import annotations

from collections.abc import Callable

from labeltree.reports.charts import Figure
from labeltree.reports.record import Json
from labeltree.reports.study.figures.shared_vs_separate.categories import categories
from labeltree.reports.study.figures.shared_vs_separate.class_differences import class_differences
from labeltree.reports.study.figures.shared_vs_separate.leakage import leakage
from labeltree.reports.study.figures.significance import significance_of

_KINDS = {
    "networks": "shared or separate networks",
    "given": "with the category given, or separate",
    "divisions": "what sharing costs",
    "errors": "within categories or between them",
    "gains": "what leaks and what sharing costs",
}
_READING = "A dot is the mean over the seeds of the first figure minus the second one."

# The paper's figure 2, its table 4 and its figure 3; then how sure all that is.
FIGURES: dict[str, Callable[[Json], Figure | None]] = {
    "categories": categories,
    "leakage": leakage,
    "class_differences": class_differences,
    "significance": significance_of(_KINDS, _READING),
}

__all__ = ["FIGURES"]
