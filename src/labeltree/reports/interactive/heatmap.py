"""Shares in a grid, in Plotly."""

from __future__ import annotations

from labeltree.reports.charts import Heatmap
from labeltree.reports.interactive.frame import (
    COLOR_BAR_HEIGHT,
    HEAT_SCALE,
    Json,
    color_bar,
    label,
    layout,
    named_axis,
    numbers,
)

MOST_WRITTEN, MOST_ROOMY = 12, 6  # rows up to which a cell has room for its number, for decimals
LEAST_CELL, MOST_CELL, AXES_HEIGHT, NAMES_WIDTH = 15, 44, 210, 190


def draw_heatmap(chart: Heatmap) -> Json:
    """A cell for every pair; rows are read from the top."""
    side = min(MOST_CELL, max(LEAST_CELL, 640 // max(len(chart.rows), 1)))
    across = named_axis(chart.column_label, chart.columns) | {"tickangle": -50}
    return {
        "least_width": NAMES_WIDTH + LEAST_CELL * len(chart.columns),
        "data": [_cells(chart)],
        "layout": layout(
            AXES_HEIGHT + side * len(chart.rows),
            top=COLOR_BAR_HEIGHT,
            xaxis=across,
            yaxis=named_axis(chart.row_label, chart.rows, reverse=True),
        ),
    }


def _cells(chart: Heatmap) -> Json:
    digits = 1 if len(chart.rows) <= MOST_ROOMY else 0
    written = f"%{{z:.{digits}%}}" if len(chart.rows) <= MOST_WRITTEN else ""
    return {
        "type": "heatmap",
        "z": [numbers(row) for row in chart.values],
        "zmin": 0,
        "customdata": [[label(text) for text in row] for row in chart.hover],
        "hovertemplate": "%{customdata}, %{z:.1%}<extra></extra>",
        "texttemplate": written,
        "xgap": 1,
        "ygap": 1,
        "hoverongaps": False,
        "colorscale": HEAT_SCALE,
        "colorbar": color_bar(chart.scale_label),
    }
