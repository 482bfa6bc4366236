"""Figures of the study of a router and its experts (paper 004)."""

from __future__ import annotations

from collections.abc import Callable

from labeltree.reports.charts import Figure
from labeltree.reports.record import Json
from labeltree.reports.study.figures.coarse_to_fine.accuracy_against_compute import (
    accuracy_against_compute,
)
from labeltree.reports.study.figures.coarse_to_fine.accuracy_against_memory import (
    accuracy_against_memory,
)
from labeltree.reports.study.figures.coarse_to_fine.error_sources import error_sources
from labeltree.reports.study.figures.coarse_to_fine.misrouted_images import misrouted_images
from labeltree.reports.study.figures.coarse_to_fine.significance import significance

# When a router pays, why it does not where it does not, and how sure that is.
FIGURES: dict[str, Callable[[Json], Figure | None]] = {
    "accuracy_against_compute": accuracy_against_compute,
    "accuracy_against_memory": accuracy_against_memory,
    "error_sources": error_sources,
    "misrouted_images": misrouted_images,
    "significance": significance,
}

__all__ = ["FIGURES"]
