"""Lines, bands and points in Plotly."""

from __future__ import annotations

from labeltree.reports.charts import Lines, Mark, Series
from labeltree.reports.interactive.frame import (
    SYMBOLS,
    Json,
    label,
    layout,
    log_axis,
    numbers,
    value_axis,
)
from labeltree.reports.palette import band_role

HEIGHT, LEGEND_HEIGHT = 340, 50
FEW = 3  # names that fit in one line of a legend


def draw_lines(chart: Lines) -> Json:
    """The bands first, so that no band covers a line."""
    traces = [_diagonal(chart.diagonal)] if chart.diagonal else []
    traces += [_band(series) for series in chart.series if series.low]
    traces += [_line(series) for series in chart.series]
    traces += [_mark(mark) for mark in chart.marks]
    named = len(chart.series) + bool(chart.diagonal)
    axes: Json = {"xaxis": value_axis(chart.x), "yaxis": value_axis(chart.y)}
    if chart.x.whole:
        ends = [x for series in chart.series for x in (min(series.x), max(series.x))]
        axes["xaxis"] |= {"tick0": 0, "dtick": whole_step(max(ends) - min(ends))}
    for which, axis in (("x", chart.x), ("y", chart.y)):
        if axis.log:
            axes[f"{which}axis"] |= log_axis(axis, _values(chart, which))
    if chart.square:
        axes["yaxis"] |= {"scaleanchor": "x", "constrain": "domain"}
        axes["xaxis"] |= {"constrain": "domain"}
    height = HEIGHT + LEGEND_HEIGHT * (named > FEW)
    return {"data": traces, "layout": layout(height, **axes, showlegend=named > 1)}


def whole_step(span: float) -> int:
    """Distance of ticks at whole numbers, at most eight over `span`.

    >>> whole_step(0), whole_step(17), whole_step(199)
    (1, 5, 50)
    """
    steps = (digit * 10**power for power in range(12) for digit in (1, 2, 5))
    return next(step for step in steps if span <= 8 * step or step >= 10**11)


def _values(chart: Lines, which: str) -> list[float]:
    """All that is drawn along an axis, bands included."""
    kinds = ("x",) if which == "x" else ("y", "low", "high")
    return [value for series in chart.series for kind in kinds for value in getattr(series, kind)]


def _line(series: Series) -> Json:
    color = f"${series.role}"
    if series.style == "points":
        return _cloud(series, color)
    line = {"color": color, "width": 2.5}
    if series.style == "steps":
        line["shape"] = "hv"
    if series.style == "dashed":
        line |= {"dash": "dash", "width": 1.5}
    return {
        "type": "scatter",
        "mode": "lines+markers" if series.style == "line+points" else "lines",
        "name": label(series.name),
        "x": numbers(series.x),
        "y": numbers(series.y),
        "line": line,
        "marker": {"color": color, "size": 7, "symbol": SYMBOLS[series.shape]},
        **_texts(series),
    }


def _cloud(series: Series, color: str) -> Json:
    """Many points: small, and pale where there is only one."""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": label(series.name),
        "x": numbers(series.x),
        "y": numbers(series.y),
        "marker": {"color": color, "size": 7, "opacity": 0.5, "symbol": SYMBOLS[series.shape]},
        **_texts(series),
    }


def _texts(series: Series) -> Json:
    """What is said of a point instead of its numbers."""
    if not series.texts:
        return {}
    told = [label(text) for text in series.texts]
    return {"customdata": told, "hovertemplate": "%{customdata}<extra></extra>"}


def _band(series: Series) -> Json:
    x = numbers(series.x)
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x + x[::-1],
        "y": numbers(series.low) + numbers(series.high)[::-1],
        "fill": "toself",
        "fillcolor": f"${band_role(series.role)}",
        "line": {"width": 0, "color": f"${series.role}"},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _mark(mark: Mark) -> Json:
    color = f"${mark.role}"
    return {
        "type": "scatter",
        "mode": "markers+text",
        "x": numbers([mark.x]),
        "y": numbers([mark.y]),
        "text": [label(mark.text)],
        "textposition": "top right" if mark.above else "bottom center",
        "textfont": {"color": "$ink"},
        "hoverinfo": "text",
        "marker": {"color": color, "size": 13, "line": {"color": "$paper", "width": 2}},
        "cliponaxis": False,
        "showlegend": False,
    }


def _diagonal(name: str) -> Json:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": label(name),
        "x": [0, 1],
        "y": [0, 1],
        "line": {"color": "$quiet", "width": 1.5, "dash": "dot"},
        "hoverinfo": "skip",
    }
