"""Bars from zero over named categories."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from labeltree.reports.charts.axis import Axis, Shape, Values


@dataclass(frozen=True)
class BarSeries:
    """One value per category; `low` and `high` are the ends of its interval."""

    name: str
    values: Values
    role: str
    low: Values = ()
    high: Values = ()
    shape: Literal["bar"] | Shape = "bar"


@dataclass(frozen=True)
class Bars:
    """Bars from zero (and markers at the same categories), lying unless `upright`.

    The bars of a category stand side by side; `stacked` puts them end to end: they are parts of a
    whole.
    """

    categories: tuple[str, ...]
    series: tuple[BarSeries, ...]
    axis: Axis
    category_label: str = ""
    upright: bool = False
    title: str = ""
    stacked: bool = False
