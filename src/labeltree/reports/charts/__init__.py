"""What a figure shows, as data: described once, drawn twice (in the page and as a PNG).

A `Figure` has one or more panels side by side. Fractions are in [0, 1]; axes say whether they are
shown as percentages. A missing value is NaN. Colours are roles of `labeltree.reports.palette`.
"""

from __future__ import annotations

from dataclasses import dataclass

from labeltree.reports.charts.axis import Axis, Shape, Values
from labeltree.reports.charts.bars import Bars, BarSeries
from labeltree.reports.charts.confusion import Confusion, ConfusionMatrices
from labeltree.reports.charts.grids import Heatmap, Hierarchy, Tile, top_of_scale
from labeltree.reports.charts.lines import Lines, Mark, Series
from labeltree.reports.charts.pictures import Gallery, Pair, Pairs, Picture
from labeltree.reports.charts.rows import Change, Changes, Difference, Differences
from labeltree.reports.charts.scatter import Dot, Dots, Goal, Scatter

Chart = (
    Lines
    | Scatter
    | Bars
    | Differences
    | Changes
    | Heatmap
    | Hierarchy
    | Pairs
    | Gallery
    | ConfusionMatrices
)


@dataclass(frozen=True)
class Table:
    """Numbers, already in words; the first `text_columns` are text."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    text_columns: int = 1
    left_out: int = 0


@dataclass(frozen=True)
class Figure:
    """One section of the report.

    Attributes:
        name: file name of the PNG and anchor in the page.
        title: heading.
        lead: what the reader sees here, in a sentence or two.
        alt: the figure for someone who cannot see it.
        panels: charts side by side.
        table: the numbers behind it.
        note: how to read it, in small print.
    """

    name: str
    title: str
    lead: str
    alt: str
    panels: tuple[Chart, ...]
    table: Table
    note: str = ""


__all__ = [
    "Axis",
    "BarSeries",
    "Bars",
    "Change",
    "Changes",
    "Chart",
    "Confusion",
    "ConfusionMatrices",
    "Difference",
    "Differences",
    "Dot",
    "Dots",
    "Figure",
    "Gallery",
    "Goal",
    "Heatmap",
    "Hierarchy",
    "Lines",
    "Mark",
    "Pair",
    "Pairs",
    "Picture",
    "Scatter",
    "Series",
    "Shape",
    "Table",
    "Tile",
    "Values",
    "top_of_scale",
]
