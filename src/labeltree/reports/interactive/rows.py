"""Axes of charts that have a row for each thing: its name on the left, the words on the right."""

from __future__ import annotations

from collections.abc import Sequence

from labeltree.reports.charts import Change, Difference
from labeltree.reports.interactive.frame import Json, named_axis

ROW_HEIGHT, AXES_HEIGHT = 26, 100


def rows_axes(rows: Sequence[Difference | Change]) -> Json:
    """Rows are read from the top. Draw `axis_holder` too."""
    return {
        "yaxis": named_axis("", (row.label for row in rows), reverse=True),
        "yaxis2": named_axis("", (row.text for row in rows), reverse=True)
        | {"overlaying": "y", "side": "right"},
    }


def height_of_rows(rows: Sequence[Difference | Change]) -> int:
    """Of the whole figure, in pixels."""
    return AXES_HEIGHT + ROW_HEIGHT * len(rows)


def axis_holder() -> Json:
    """Nothing to see: without a trace of its own, Plotly would leave out the axis on the right."""
    return {
        "type": "scatter",
        "x": [None],
        "y": [0],
        "yaxis": "y2",
        "hoverinfo": "skip",
        "showlegend": False,
    }
