"""Lines, bands and points over two axes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from labeltree.reports.charts.axis import Axis, Shape, Values


@dataclass(frozen=True)
class Series:
    """One line or cloud of points, with an optional band between `low` and `high`.

    `shape` is that of the points in the styles that have some: series that are told apart by it
    can be told apart without colours. `texts` say what each point is, to who points at it.
    """

    name: str
    x: Values
    y: Values
    role: str
    low: Values = ()
    high: Values = ()
    style: Literal["line", "dashed", "line+points", "steps", "points"] = "line"
    shape: Shape = "circle"
    texts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mark:
    """One point to look at, with a few words beside it."""

    x: float
    y: float
    text: str
    role: str = "ink"
    above: bool = False


@dataclass(frozen=True)
class Lines:
    """Lines, bands and points over two axes; `diagonal` draws the line x = y behind them.

    `square` gives both axes one scale.
    """

    series: tuple[Series, ...]
    x: Axis
    y: Axis
    marks: tuple[Mark, ...] = ()
    diagonal: str = ""
    title: str = ""
    square: bool = False
