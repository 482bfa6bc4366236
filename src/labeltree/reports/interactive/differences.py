"""Differences with their intervals beside a line at zero, in Plotly."""

from __future__ import annotations

from collections.abc import Sequence

from labeltree.reports.charts import Difference, Differences
from labeltree.reports.interactive.frame import Json, label, layout, numbers, plain_axis
from labeltree.reports.interactive.rows import axis_holder, height_of_rows, rows_axes


def draw_differences(chart: Differences) -> Json:
    """Rows are read from the top: what is compared on the left, the words on the right."""
    axes: Json = {
        "xaxis": plain_axis(chart.axis.label)
        | {"range": list(chart.reach), "zeroline": True, "zerolinecolor": "$quiet"},
        **rows_axes(chart.rows),
    }
    places = list(enumerate(chart.rows))
    kinds = {
        chart.sure: ("circle", "$series-1", [one for one in places if one[1].sure]),
        chart.unsure: ("circle-open", "$quiet", [one for one in places if not one[1].sure]),
    }
    traces = [_dots(name, *kind) for name, kind in kinds.items() if kind[-1]]
    return {
        "data": [*traces, axis_holder()],
        "layout": layout(height_of_rows(chart.rows), **axes, showlegend=True),
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
