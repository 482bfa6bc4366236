"""Points with names in matplotlib."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from labeltree.reports.charts import Dots, Goal, Scatter
from labeltree.reports.name_places import Place, Sizes, name_places
from labeltree.reports.still.frame import MARKERS, add_legend, color, legend_name, set_axis
from labeltree.reports.still.lines import legend_columns
from labeltree.reports.words import known

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SMALL, LARGE = (5.8, 4.3), (9.0, 5.6)
LEAST_AXES, MOST_AXES = (0.6, 0.6), (0.95, 1.1)  # inches beside and above the axes, for words
SIZES = Sizes(letter=4.7, line=10.5, marker=5.5)  # points
FONT, MARKER = 8, 7.5


def size_of_scatter(chart: Scatter) -> tuple[float, float]:
    """Width and height in inches."""
    return LARGE if chart.crowded else SMALL


def draw_scatter(chart: Scatter, axes: Axes) -> None:
    """The goal first, then what is there to compare with, then the points and their names."""
    axes.set(xlim=chart.reach("x"), ylim=chart.reach("y"))
    set_axis(axes, "x", chart.x)
    set_axis(axes, "y", chart.y)
    if chart.goal:
        _draw_goal(chart.goal, axes)
    for which, line in (("x", axes.axvline), ("y", axes.axhline)):
        low, high = chart.reach(which)
        if low < 0 < high:
            line(0, color=color("quiet"), lw=1)
    for one in sorted(chart.series, key=lambda one: not one.faint):
        _draw_dots(one, axes)
    width, height = size_of_scatter(chart)
    frames = [(72 * (width - x), 72 * (height - y)) for x, y in (LEAST_AXES, MOST_AXES)]
    for place in name_places(chart, frames, SIZES):
        _draw_name(place, axes)
    named = [one for one in chart.series if one.name]
    if len(named) > 1:
        handles = {handle.get_label(): handle for handle in axes.get_legend_handles_labels()[0]}
        names = [legend_name(one.name) for one in named]
        add_legend(axes, legend_columns(names), [handles[name] for name in names], names)


def _draw_goal(goal: Goal, axes: Axes) -> None:
    (_, right), (_, top) = axes.get_xlim(), axes.get_ylim()
    x, y = [goal.x, right, right, goal.x], [goal.y, goal.y, top, top]
    axes.fill(x, y, color=color("series-3"), alpha=0.16, lw=0, zorder=0)
    axes.annotate(
        goal.text,
        (goal.x, 1),
        xycoords=("data", "axes fraction"),
        xytext=(4, -4),
        textcoords="offset points",
        ha="left",
        va="top",
        size=FONT,
    )


def _draw_dots(series: Dots, axes: Axes) -> None:
    one_color = color(series.role)
    x, y = [dot.x for dot in series.dots], [dot.y for dot in series.dots]
    for which, middles, ends in (
        ("xerr", x, [dot.x_ends for dot in series.dots]),
        ("yerr", y, [dot.y_ends for dot in series.dots]),
    ):
        if any(known(end) for pair in ends for end in pair):
            reach = np.abs(np.array(ends).T - np.array(middles))
            axes.errorbar(
                x, y, fmt="none", ecolor=one_color, elinewidth=1, alpha=0.55, **{which: reach}
            )
    axes.plot(
        x,
        y,
        linestyle="-" if series.joined else "",
        lw=1.5,
        color=one_color,
        marker=MARKERS[series.shape],
        ms=MARKER,
        mfc="none" if series.faint else one_color,
        mec=one_color if series.faint else color("paper"),
        mew=1,
        alpha=0.6 if series.faint else 1,
        label=legend_name(series.name) or "_",
    )


def _draw_name(place: Place, axes: Axes) -> None:
    line = {"arrowstyle": "-", "color": color("quiet"), "lw": 0.7, "shrinkA": 0, "shrinkB": 4}
    axes.annotate(
        place.dot.name,
        (place.dot.x, place.dot.y),
        xytext=(place.right, place.up),
        textcoords="offset points",
        ha="center",
        va="center",
        size=FONT,
        arrowprops=line if place.far else None,
    )
