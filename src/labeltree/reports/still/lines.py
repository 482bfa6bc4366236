"""Lines, bands and points in matplotlib."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from labeltree.reports.charts import Lines, Mark, Series
from labeltree.reports.still.frame import MARKERS, add_legend, color, legend_name, set_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIZE, SQUARE = (5.2, 3.4), (3.9, 4.1)
MOST_COLUMNS = 3
LEGEND_INCHES, SIGN_INCHES, LETTER_INCHES = 4.5, 0.53, 0.063  # of a legend, of each of its names


def size_of_lines(chart: Lines) -> tuple[float, float]:
    """Width and height in inches."""
    return SQUARE if chart.square else SIZE


def draw_lines(chart: Lines, axes: Axes) -> None:
    """Everything of one panel."""
    if chart.diagonal:
        axes.plot([0, 1], [0, 1], ":", color=color("quiet"), lw=1.2, label=chart.diagonal)
    for series in chart.series:
        _draw_series(series, axes)
    for mark in chart.marks:
        _draw_mark(mark, axes)
    axes.margins(x=0.03, y=0.15 if chart.marks else 0.05)
    set_axis(axes, "x", chart.x)
    set_axis(axes, "y", chart.y)
    names = [*([chart.diagonal] if chart.diagonal else []), *(one.name for one in chart.series)]
    if len(names) > 1:
        add_legend(axes, 2 if chart.square else legend_columns(names))
    if chart.square:
        axes.set_aspect("equal", adjustable="box")


def legend_columns(names: Sequence[str]) -> int:
    """How many fit beside each other.

    >>> legend_columns(["hard", "top-2", "soft"]), legend_columns(["a long name for a line"] * 4)
    (3, 2)
    """
    for columns in range(min(MOST_COLUMNS, len(names)), 1, -1):
        longest = [max(map(len, column)) for column in np.array_split(names, columns)]
        if columns * SIGN_INCHES + sum(longest) * LETTER_INCHES <= LEGEND_INCHES:
            return columns
    return 1


def _draw_series(series: Series, axes: Axes) -> None:
    one_color, marker = color(series.role), MARKERS[series.shape]
    if series.style == "points":
        axes.scatter(
            series.x,
            series.y,
            color=one_color,
            marker=marker,
            label=legend_name(series.name),
            s=12,
            alpha=0.45,
            linewidths=0,
        )
        return
    if series.low:
        axes.fill_between(series.x, series.low, series.high, color=one_color, alpha=0.16, lw=0)
    axes.plot(
        series.x,
        series.y,
        color=one_color,
        label=legend_name(series.name),
        lw=1.2 if series.style == "dashed" else 2,
        linestyle="--" if series.style == "dashed" else "-",
        drawstyle="steps-post" if series.style == "steps" else "default",
        marker=marker if series.style == "line+points" else "",
        markersize=4.5,
    )


def _draw_mark(mark: Mark, axes: Axes) -> None:
    one_color = color(mark.role)
    axes.plot([mark.x], [mark.y], "o", color=one_color, ms=9, mec="white", mew=1.5, zorder=5)
    axes.annotate(
        mark.text,
        (mark.x, mark.y),
        xytext=(6, 6) if mark.above else (0, -10),
        textcoords="offset points",
        ha="left" if mark.above else "center",
        va="bottom" if mark.above else "top",
    )
