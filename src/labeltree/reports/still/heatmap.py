"""Shares in a grid, in matplotlib."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from labeltree.reports.charts import Heatmap
from labeltree.reports.palette import text_role
from labeltree.reports.still.frame import add_key, color, heat_map

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_WRITTEN = 12  # rows up to which each cell has room for its number


def size_of_heatmap(chart: Heatmap) -> tuple[float, float]:
    """Width and height in inches."""
    side = min(0.55, max(0.2, 8 / len(chart.rows)))
    return 3.2 + side * len(chart.columns), 1.8 + side * len(chart.rows)


def draw_heatmap(chart: Heatmap, axes: Axes) -> None:
    """A cell for every pair; rows are read from the top."""
    values = np.array(chart.values, dtype=float)
    most = float(np.nanmax(values, initial=0)) or 1.0
    drawn = axes.imshow(values, cmap=heat_map(), vmin=0, vmax=most, aspect="equal")
    axes.set_xticks(range(len(chart.columns)), chart.columns)
    axes.tick_params(axis="x", rotation=50)
    for tick in axes.get_xticklabels():
        tick.set(ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(chart.rows)), chart.rows)
    axes.set(xlabel=chart.column_label, ylabel=chart.row_label)
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    add_key(axes, drawn, chart.scale_label)
    if len(chart.rows) <= MOST_WRITTEN:
        for (row, column), value in np.ndenumerate(values):
            if np.isfinite(value):
                ink = color(text_role(value / most))
                axes.text(column, row, f"{value:.1%}", ha="center", va="center", color=ink, size=7)
