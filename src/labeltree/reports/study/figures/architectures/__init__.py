"""Figures of a comparison of networks: of the study (paper 001), and of `labeltree compare`."""

from __future__ import annotations

from collections.abc import Callable

from labeltree.reports.charts import Figure
from labeltree.reports.record import Json
from labeltree.reports.study.figures.architectures.accuracy import accuracy
from labeltree.reports.study.figures.architectures.confusion import confusion
from labeltree.reports.study.figures.architectures.cost import cost
from labeltree.reports.study.figures.architectures.mistakes import mistakes
from labeltree.reports.study.figures.architectures.overfitting import overfitting
from labeltree.reports.study.figures.architectures.significance import significance
from labeltree.reports.study.figures.architectures.trade_off import trade_off
from labeltree.reports.study.figures.architectures.training import training

# Which is best, which to choose, how sure that is; how it came about; what goes wrong.
FIGURES: dict[str, Callable[[Json], Figure | None]] = {
    "accuracy": accuracy,
    "trade_off": trade_off,
    "significance": significance,
    "training": training,
    "overfitting": overfitting,
    "cost": cost,
    "confusion": confusion,
    "mistakes": mistakes,
}

__all__ = ["FIGURES"]
