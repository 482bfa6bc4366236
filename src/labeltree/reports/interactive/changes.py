"""Steps from before to after in Plotly."""

from __future__ import annotations

from labeltree.reports.charts import Change, Changes
from labeltree.reports.interactive.frame import Json, label, layout, numbers, value_axis
from labeltree.reports.interactive.rows import axis_holder, height_of_rows, rows_axes


def draw_changes(chart: Changes) -> Json:
    """A line leads from an open circle to a diamond in the colour of its direction."""
    axes: Json = {
        "xaxis": value_axis(chart.axis) | {"range": list(chart.reach), "zeroline": False},
        **rows_axes(chart.rows),
    }
    every = list(enumerate(chart.rows))
    before = _ends(chart.before, [row.before for row in chart.rows], every)
    before["marker"] = {
        "symbol": "circle-open",
        "color": "$quiet",
        "size": 9,
        "line": {"color": "$quiet", "width": 2},
    }
    traces = [before]
    for name, (role, rows) in chart.kinds().items():
        after = _ends(name, [row.after for _, row in rows], rows)
        after["marker"] = {"symbol": "diamond", "color": f"${role}", "size": 9}
        traces += [_lines(role, rows), after]
    return {
        "data": [*traces, axis_holder()],
        "layout": layout(height_of_rows(chart.rows), **axes, showlegend=True),
    }


def _lines(role: str, rows: list[tuple[int, Change]]) -> Json:
    """From each row's one end to the other, with nothing between the rows."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [end for _, row in rows for end in (*numbers((row.before, row.after)), None)],
        "y": [end for place, _ in rows for end in (place, place, None)],
        "line": {"color": f"${role}", "width": 2.5},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _ends(name: str, values: list[float], rows: list[tuple[int, Change]]) -> Json:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": label(name),
        "x": numbers(values),
        "y": [place for place, _ in rows],
        "customdata": [label(f"{row.label}: {row.text}") for _, row in rows],
        "hovertemplate": "%{customdata}<br>%{x}<extra></extra>",
    }
