"""The figures of each study, in a folder of its name: from a record to a figure, or None.

A study without a row here has a page all the same: its findings, tables and settings.
"""

from __future__ import annotations

from collections.abc import Callable

from labeltree.reports.charts import Figure
from labeltree.reports.record import Json
from labeltree.reports.study.figures import (
    architectures,
    category_labels,
    coarse_to_fine,
    merged_architectures,
    shared_vs_separate,
    size_scaling,
    streaming,
)

# By the name of the study, then of the figure, in the order of the page.
STUDY_FIGURES: dict[str, dict[str, Callable[[Json], Figure | None]]] = {
    "size-scaling": size_scaling.FIGURES,
    "shared-vs-separate": shared_vs_separate.FIGURES,
    "category-labels": category_labels.FIGURES,
    "merged-architectures": merged_architectures.FIGURES,
    "coarse-to-fine": coarse_to_fine.FIGURES,
    "streaming": streaming.FIGURES,
    "architectures": architectures.FIGURES,
    "comparison": architectures.FIGURES,  # of runs that a person has: `labeltree compare`
}

__all__ = ["STUDY_FIGURES"]
