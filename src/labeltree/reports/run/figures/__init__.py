"""One figure per file: from a run folder to the description of a figure, or None without data."""

from __future__ import annotations

from collections.abc import Callable

from labeltree.reports.charts import Figure
from labeltree.reports.run.figures.alpha_sweep import alpha_sweep
from labeltree.reports.run.figures.back_off import back_off
from labeltree.reports.run.figures.confusion_matrix import confusion_matrix
from labeltree.reports.run.figures.confusions import confusions
from labeltree.reports.run.figures.label_sets import label_sets
from labeltree.reports.run.figures.leakage import leakage
from labeltree.reports.run.figures.levels import levels
from labeltree.reports.run.figures.original import original
from labeltree.reports.run.figures.parts import parts
from labeltree.reports.run.figures.reliability import reliability
from labeltree.reports.run.figures.surest_mistakes import surest_mistakes
from labeltree.reports.run.figures.training import training
from labeltree.reports.run.figures.tree import tree
from labeltree.reports.run.folder import RunFolder

# In the order of the page: what it can, where it fails, how far to trust it, how it came to be.
RUN_FIGURES: dict[str, Callable[[RunFolder], Figure | None]] = {
    "levels": levels,
    "label_sets": label_sets,
    "original": original,
    "tree": tree,
    "confusions": confusions,
    "confusion_matrix": confusion_matrix,
    "surest_mistakes": surest_mistakes,
    "leakage": leakage,
    "back_off": back_off,
    "reliability": reliability,
    "alpha_sweep": alpha_sweep,
    "training": training,
    "parts": parts,
}

__all__ = ["RUN_FIGURES"]
