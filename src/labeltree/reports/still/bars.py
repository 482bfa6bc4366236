"""Bars and markers over named categories in matplotlib."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from labeltree.reports.charts import Bars, BarSeries
from labeltree.reports.still.frame import MARKERS, add_legend, color, legend_name, set_axis

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

ROW_INCHES, DENSE_ROW_INCHES = 0.5, 0.24
WIDTH = 0.7  # of all bars of a category together
FEW = 8  # categories that may be as tall as they like


def size_of_bars(chart: Bars) -> tuple[float, float]:
    """Width and height in inches."""
    if chart.upright:
        return 5.2, 3.4
    rows = len(chart.categories)
    return 8.5, 1.3 + rows * (ROW_INCHES if rows <= FEW else DENSE_ROW_INCHES)


def draw_bars(chart: Bars, axes: Axes) -> None:
    """Lying bars are read from the top, in the order of the categories."""
    places = np.arange(len(chart.categories), dtype=np.float64)
    ends = np.zeros(len(places))  # where the next bar of a stack begins
    wide, shifts = _side_by_side(chart)
    drawn = []
    for series, shift in zip(chart.series, shifts, strict=True):
        drawn.append(_draw_series(series, chart.upright, places + shift, wide, ends, axes))
        if chart.stacked and series.shape == "bar":
            ends = ends + np.nan_to_num(np.array(series.values, dtype=float))
    if chart.upright:
        axes.set_xticks(places, chart.categories, rotation=40, ha="right")
        axes.set_xlabel(chart.category_label)
        axes.grid(visible=False, axis="x")
    else:
        axes.set_yticks(places, chart.categories)
        axes.set_ylim(len(places) - 0.5, -0.5)
        axes.grid(visible=False, axis="y")
    set_axis(axes, "y" if chart.upright else "x", chart.axis)
    if len(chart.series) > 1:
        names = [legend_name(series.name) for series in chart.series]
        add_legend(axes, 4, drawn, names)


def _side_by_side(chart: Bars) -> tuple[float, list[float]]:
    """How wide a bar is, and how far each series stands from the middle of its category."""
    beside = [series.shape == "bar" and not chart.stacked for series in chart.series]
    wide = WIDTH / max(sum(beside), 1)
    middle = (sum(beside) - 1) / 2
    return wide, [
        (sum(beside[:number]) - middle) * wide if moves else 0.0
        for number, moves in enumerate(beside)
    ]


def _draw_series(
    series: BarSeries,
    upright: bool,
    places: NDArray[np.float64],
    wide: float,
    start: NDArray[np.float64],
    axes: Axes,
) -> Artist:
    values = np.array(series.values, dtype=float)
    one_color = color(series.role)
    x, y = (places, values) if upright else (values, places)
    if series.shape != "bar":
        marker = MARKERS[series.shape]
        return axes.plot(x, y, marker, color=one_color, mec=color("paper"), ms=8, mew=1)[0]
    if upright:
        bars = axes.bar(places, values, wide, bottom=start, color=one_color)
    else:
        bars = axes.barh(places, values, wide, left=start, color=one_color)
    if series.low:
        reach = np.clip([values - np.array(series.low), np.array(series.high) - values], 0, None)
        which = {"yerr" if upright else "xerr": reach}
        axes.errorbar(x, y, fmt="none", ecolor=color("ink"), capsize=3, lw=1.3, **which)
    return bars.patches[0]
