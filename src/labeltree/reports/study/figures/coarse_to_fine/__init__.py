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
from labeltree.reports.study.figures.significance import significance_of

_KINDS = {
    "flat": "a router and experts, or one flat network",
    "groupings": "one grouping or another",
    "experts": "one kind of expert or another",
    "routings": "hard, top-2 and soft routing",
    "misrouted": "what the experts learn of misrouted images",
}

# When a router pays, why it does not where it does not, and how sure that is.
FIGURES: dict[str, Callable[[Json], Figure | None]] = {
    "accuracy_against_compute": accuracy_against_compute,
    "accuracy_against_memory": accuracy_against_memory,
    "error_sources": error_sources,
    "misrouted_images": misrouted_images,
    "significance": significance_of(_KINDS),
}

__all__ = ["FIGURES"]
