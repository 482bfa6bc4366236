"""Points with names in Plotly."""

from __future__ import annotations

import math

from labeltree.reports.charts import Axis, Dots, Goal, Scatter
from labeltree.reports.interactive.frame import (
    SYMBOLS,
    Json,
    label,
    layout,
    log_axis,
    numbers,
    value_axis,
)
from labeltree.reports.name_places import Place, Sizes, name_places

SMALL, LARGE = 400, 540  # pixels high
LEAST_AXES, MOST_AXES = (60, 50), (85, 85)  # pixels beside and above the axes, for words
LEGEND_ROW, LEGEND_SIGN, LEGEND_LETTER = 19, 45, 7
MARKERS = {"circle": 12, "diamond": 12, "square": 12, "triangle": 15, "cross": 12}
# Of a window that is narrow, of one that shows two panels, of paper, of a wide window.
SMALL_WIDTHS, LARGE_WIDTHS = (330, 470, 680, 980), (600, 680, 980)
FONT = 12
SIZES = Sizes(letter=6.6, line=15.0, marker=7.5)


def draw_scatter(chart: Scatter) -> Json:
    """What is there to compare with first, so that it hides nothing."""
    height, widths = (LARGE, LARGE_WIDTHS) if chart.crowded else (SMALL, SMALL_WIDTHS)
    frames = [(width - x, height - y) for width in widths for x, y in (LEAST_AXES, MOST_AXES)]
    places = name_places(chart, frames, SIZES)
    names = [one.name for one in chart.series if one.name]
    return {
        "least_width": widths[0],
        "data": [_dots(one) for one in sorted(chart.series, key=lambda one: not one.faint)],
        "layout": layout(
            height + _legend_height(names, widths[1]),
            xaxis=_axis(chart, "x"),
            yaxis=_axis(chart, "y"),
            shapes=[_region(chart.goal, chart)] if chart.goal else [],
            annotations=[
                *(_name(place, chart) for place in places),
                *([_goal_text(chart.goal)] if chart.goal else []),
            ],
            showlegend=len(names) > 1,
        ),
    }


def _legend_height(names: list[str], width: int) -> int:
    """In pixels; Plotly gives all names the width of the longest."""
    if len(names) < 2:
        return 0
    beside = max(1, width // (LEGEND_SIGN + LEGEND_LETTER * max(map(len, names))))
    return LEGEND_ROW * -(-len(names) // beside)


def _axis(chart: Scatter, which: str) -> Json:
    axis: Axis = getattr(chart, which)
    ends = chart.reach(which)
    made = value_axis(axis) | {"zerolinecolor": "$quiet"}
    if axis.log:
        made |= log_axis(axis, ends)
    return made | {"range": [math.log10(end) if axis.log else end for end in ends]}


def _dots(series: Dots) -> Json:
    color, dots = f"${series.role}", series.dots
    symbol = SYMBOLS[series.shape] + "-open" * series.faint
    line = {"color": color if series.faint else "$paper", "width": 1.2}
    return {
        "type": "scatter",
        "mode": "lines+markers" if series.joined else "markers",
        "name": label(series.name),
        "showlegend": bool(series.name),
        "x": numbers(dot.x for dot in dots),
        "y": numbers(dot.y for dot in dots),
        "customdata": [label(dot.text or dot.name) for dot in dots],
        "hovertemplate": "%{customdata}<extra></extra>",
        "marker": {"color": color, "symbol": symbol, "size": MARKERS[series.shape], "line": line},
        "line": {"color": color, "width": 2},
        "opacity": 0.65 if series.faint else 1,
        "error_x": _ends([dot.x for dot in dots], [dot.x_ends for dot in dots], color),
        "error_y": _ends([dot.y for dot in dots], [dot.y_ends for dot in dots], color),
    }


def _ends(middles: list[float], ends: list[tuple[float, float]], color: str) -> Json:
    return {
        "type": "data",
        "symmetric": False,
        "array": numbers(high - at for at, (_, high) in zip(middles, ends, strict=True)),
        "arrayminus": numbers(at - low for at, (low, _) in zip(middles, ends, strict=True)),
        "color": color,
        "thickness": 1,
        "width": 0,
    }


def _name(place: Place, chart: Scatter) -> Json:
    """A name where it was placed; a line leads to one that is far."""
    at = {
        which: math.log10(value) if getattr(chart, which).log else value
        for which, value in (("x", place.dot.x), ("y", place.dot.y))
    }
    made: Json = {
        **dict(zip(at, numbers(at.values()), strict=True)),
        "text": label(place.dot.name),
        "font": {"size": FONT, "color": "$ink"},
        "xanchor": "center",
        "yanchor": "middle",
        "borderpad": 0,
        "showarrow": place.far,
    }
    if not place.far:
        return made | {"xshift": round(place.right, 1), "yshift": round(place.up, 1)}
    arrow = {"arrowhead": 0, "arrowwidth": 1, "arrowcolor": "$quiet", "standoff": 6}
    return made | arrow | {"ax": round(place.right, 1), "ay": round(-place.up, 1)}


def _region(goal: Goal, chart: Scatter) -> Json:
    """From the goal's corner to the end of both axes."""
    return {
        "type": "rect",
        "layer": "below",
        "x0": goal.x,
        "y0": goal.y,
        "x1": chart.reach("x")[1],
        "y1": chart.reach("y")[1],
        "fillcolor": "$band-3",
        "line": {"width": 0, "color": "$band-3"},
    }


def _goal_text(goal: Goal) -> Json:
    return {
        "text": label(goal.text),
        "font": {"size": FONT, "color": "$ink"},
        "yref": "paper",
        "x": goal.x,
        "y": 1,
        "xshift": 4,
        "yshift": -4,
        "xanchor": "left",
        "yanchor": "top",
        "showarrow": False,
    }
