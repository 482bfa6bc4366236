"""Differences with their intervals beside a line at zero, in Plotly."""

from __future__ import annotations

from collections.abc import Sequence

from labeltree.reports.charts import Difference, Differences
from labeltree.reports.interactive.frame import (
    Json,
    label,
    layout,
    named_axis,
    numbers,
    plain_axis,
)

ROW_HEIGHT, AXES_HEIGHT = 26, 100


def draw_differences(chart: Differences) -> Json:
    """Rows are read from the top: what is compared on the left, the words on the right."""
    axes: Json = {
        "xaxis": plain_axis(chart.axis.label)
        | {"range": list(chart.reach), "zeroline": True, "zerolinecolor": "$quiet"},
        "yaxis": named_axis("", (row.label for row in chart.rows), reverse=True),
        "yaxis2": named_axis("", (row.text for row in chart.rows), reverse=True)
        | {"overlaying": "y", "side": "right"},
    }
    places = list(enumerate(chart.rows))
    kinds = {
        chart.sure: ("circle", "$series-1", [one for one in places if one[1].sure]),
        chart.unsure: ("circle-open", "$quiet", [one for one in places if not one[1].sure]),
    }
    traces = [_dots(name, *kind) for name, kind in kinds.items() if kind[-1]]
    height = AXES_HEIGHT + ROW_HEIGHT * len(places)
    return {
        "data": [*traces, _holder()],
        "layout": layout(height, **axes, showlegend=True),
    }


def _dots(name: str, symbol: str, color: str, rows: Sequence[tuple[int, Difference]]) -> Json:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": label(name),
        "x": numbers(row.value for _, row in rows),
        "y": [place for place, _ in rows],
        "customdata": [label(f"{row.label}: {row.text}") for _, row in rows],
        "hovertemplate": "%{customdata}<br>%{x}<extra></extra>",
        "marker": {
            "color": color,
            "symbol": symbol,
            "size": 9,
            "line": {"color": color, "width": 2},
        },
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": numbers(row.high - row.value for _, row in rows),
            "arrayminus": numbers(row.value - row.low for _, row in rows),
            "color": color,
            "thickness": 2,
            "width": 4,
        },
    }


def _holder() -> Json:
    """Nothing to see: without a trace of its own, Plotly would leave out the axis on the right."""
    return {
        "type": "scatter",
        "x": [None],
        "y": [0],
        "yaxis": "y2",
        "hoverinfo": "skip",
        "showlegend": False,
    }
