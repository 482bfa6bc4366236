"""Bars and markers over named categories in Plotly."""

from __future__ import annotations

from labeltree.reports.charts import Bars, BarSeries
from labeltree.reports.interactive.frame import (
    SYMBOLS,
    Json,
    label,
    layout,
    named_axis,
    numbers,
    value_axis,
)

UPRIGHT_HEIGHT = 340
ROW_HEIGHT, DENSE_ROW_HEIGHT, AXES_HEIGHT = 54, 26, 110
FEW = 8  # categories that may be as tall as they like


def draw_bars(chart: Bars) -> Json:
    """Lying bars are read from the top, in the order of the categories."""
    axes: Json
    names = named_axis(chart.category_label, chart.categories, reverse=not chart.upright)
    values = value_axis(chart.axis)
    if chart.upright:
        # Turned so that a name ends at its tick: Plotly hides names that pass the edge.
        names["tickangle"] = -45
        axes, height = {"xaxis": names, "yaxis": values}, UPRIGHT_HEIGHT
    else:
        axes, height = {"xaxis": values, "yaxis": names}, _height(chart)
    traces = [_trace(series, chart) for series in chart.series]
    drawn = layout(height, **axes, showlegend=len(traces) > 1, bargap=0.4)
    return {
        "data": traces,
        "layout": _stacked(drawn) if chart.stacked else drawn,
    }


def _stacked(drawn: Json) -> Json:
    """Bars end to end; Plotly would name them from the last to the first."""
    return drawn | {"barmode": "stack", "legend": drawn["legend"] | {"traceorder": "normal"}}


def _height(chart: Bars) -> int:
    rows = len(chart.categories)
    return AXES_HEIGHT + rows * (ROW_HEIGHT if rows <= FEW else DENSE_ROW_HEIGHT)


def _trace(series: BarSeries, chart: Bars) -> Json:
    places, values = list(range(len(chart.categories))), numbers(series.values)
    along, across = ("y", "x") if chart.upright else ("x", "y")
    shown = "%{" + along + (":.1%}" if chart.axis.percent else ":,}")
    trace: Json = {
        "name": label(series.name),
        along: values,
        across: places,
        "customdata": [label(name) for name in chart.categories],
        "hovertemplate": f"%{{customdata}}<br>{label(series.name)}: {shown}<extra></extra>",
    }
    if series.shape == "bar":
        trace |= {"type": "bar", "marker": {"color": f"${series.role}"}}
        trace["orientation"] = "v" if chart.upright else "h"
    else:
        line = {"color": "$paper", "width": 1.5}
        marker = {"color": f"${series.role}", "size": 13, "line": line}
        marker["symbol"] = SYMBOLS[series.shape]
        trace |= {"type": "scatter", "mode": "markers", "marker": marker}
    if any(value is not None for value in numbers(series.low)):
        trace[f"error_{along}"] = _interval(series)
    return trace


def _interval(series: BarSeries) -> Json:
    above = [high - value for high, value in zip(series.high, series.values, strict=True)]
    below = [value - low for low, value in zip(series.low, series.values, strict=True)]
    return {
        "type": "data",
        "symmetric": False,
        "array": numbers(above),
        "arrayminus": numbers(below),
        "color": "$ink",
        "thickness": 2,
        "width": 7,
    }
