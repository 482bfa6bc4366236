"""Differences with their intervals beside a line at zero, in matplotlib."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labeltree.reports.charts import Difference, Differences
from labeltree.reports.still.frame import add_legend, color, legend_name, set_axis
from labeltree.reports.still.rows import set_rows, size_of_rows
from labeltree.reports.words import known

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes


def size_of_differences(chart: Differences) -> tuple[float, float]:
    """Width and height in inches."""
    return size_of_rows(chart.rows)


def draw_differences(chart: Differences, axes: Axes) -> None:
    """Rows are read from the top: what is compared on the left, the words on the right."""
    axes.axvline(0, color=color("quiet"), lw=1)
    drawn: dict[str, Artist] = {}
    for place, row in enumerate(chart.rows):
        name = chart.sure if row.sure else chart.unsure
        drawn[name] = _draw_row(row, place, axes)
    set_axis(axes, "x", chart.axis)
    axes.set(xlim=chart.reach)
    set_rows(axes, chart.rows)
    add_legend(axes, 2, list(drawn.values()), [legend_name(name) for name in drawn])


def _draw_row(row: Difference, place: int, axes: Axes) -> Artist:
    one_color = color("series-1" if row.sure else "quiet")
    if known(row.low) and known(row.high):
        axes.plot([row.low, row.high], [place, place], color=one_color, lw=1.5)
    face = one_color if row.sure else color("paper")
    return axes.plot([row.value], [place], "o", color=one_color, mfc=face, ms=5.5, mew=1.5)[0]
