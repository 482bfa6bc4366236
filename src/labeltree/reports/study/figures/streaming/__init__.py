"""Figures of the study of networks that grow by streaming (paper 003)."""

from __future__ import annotations

from collections.abc import Callable

from labeltree.reports.charts import Figure
from labeltree.reports.record import Json
from labeltree.reports.study.figures.streaming.branches import branches
from labeltree.reports.study.figures.streaming.epoch_accuracies import epoch_accuracies
from labeltree.reports.study.figures.streaming.epoch_times import epoch_times
from labeltree.reports.study.figures.streaming.old_against_new import old_against_new
from labeltree.reports.study.figures.streaming.protections import protections
from labeltree.reports.study.figures.streaming.retraining import retraining
from labeltree.reports.study.figures.streaming.top1_against_top5 import top1_against_top5

# What the bases know, what streaming does to it, what helps, and what all that takes.
FIGURES: dict[str, Callable[[Json], Figure | None]] = {
    "epoch_accuracies": epoch_accuracies,
    "top1_against_top5": top1_against_top5,
    "old_against_new": old_against_new,
    "protections": protections,
    "branches": branches,
    "retraining": retraining,
    "epoch_times": epoch_times,
}

__all__ = ["FIGURES"]
