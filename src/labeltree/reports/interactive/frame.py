"""What all Plotly figures share: axes, margins, theme colours, escaped text.

A colour is written as `$role`; the page's script puts in the colour of the reader's theme.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any

from labeltree.reports.charts import Axis
from labeltree.reports.palette import HEAT
from labeltree.reports.ticks import log_text, log_ticks
from labeltree.reports.words import known

Json = dict[str, Any]

SYMBOLS = {
    "circle": "circle",
    "diamond": "diamond",
    "square": "square",
    "triangle": "triangle-up",
    "cross": "x",
}
HEAT_SCALE = [[step / (len(HEAT) - 1), f"${role}"] for step, role in enumerate(HEAT)]


def label(text: str) -> str:
    """A name as Plotly must be given it: it reads a little HTML in labels."""
    return escape(text, quote=False)


def numbers(values: Iterable[float]) -> list[float | None]:
    """JSON has no NaN, and five digits are more than a screen shows.

    >>> numbers((0.1234567, float("nan")))
    [0.12346, None]
    """
    return [float(f"{value:.5g}") if known(value) else None for value in values]


def value_axis(axis: Axis) -> Json:
    """An axis with numbers on it."""
    made = plain_axis(axis.label)
    if axis.percent:
        made |= {"tickformat": ".1~%", "hoverformat": ".1%"}
    if axis.low is not None and axis.high is not None:
        room = 0.015 * (axis.high - axis.low)
        made["range"] = [axis.low - room, axis.high + room]
    elif axis.low is not None:
        made["rangemode"] = "tozero"
    return made


def log_axis(axis: Axis, values: Iterable[float]) -> Json:
    """What makes an axis logarithmic: Plotly's own ticks there are bare digits."""
    there = [value for value in values if known(value)]
    ticks = log_ticks(min(there), max(there))
    return {
        "type": "log",
        "tickmode": "array",
        "tickvals": numbers(ticks),
        "ticktext": [log_text(tick, axis.percent) for tick in ticks],
    }


def named_axis(title: str, names: Iterable[str], reverse: bool = False) -> Json:
    """An axis with a name at every whole number; names may repeat, unlike Plotly's categories."""
    texts = [label(name) for name in names]
    ends = [-0.5, len(texts) - 0.5]
    return plain_axis(title) | {
        "tickmode": "array",
        "tickvals": list(range(len(texts))),
        "ticktext": texts,
        "range": ends[::-1] if reverse else ends,
        "ticks": "",
        "showgrid": False,
        "zeroline": False,
    }


def plain_axis(title: str) -> Json:
    """What every axis has: quiet lines and labels that are not cut off."""
    return {
        "title": {"text": label(title), "font": {"color": "$quiet", "size": 13}, "standoff": 10},
        "automargin": True,
        "fixedrange": True,
        "gridcolor": "$rule",
        "linecolor": "$rule",
        "zerolinecolor": "$rule",
        "tickfont": {"color": "$quiet"},
    }


COLOR_BAR_HEIGHT = 52


def color_bar(name: str) -> Json:
    """The key of the heat scale: lying above the figure, where it takes no width."""
    return {
        "title": {"text": label(name), "font": {"color": "$quiet", "size": 13}},
        "tickformat": ".1~%",
        "tickfont": {"color": "$quiet"},
        "thickness": 12,
        "orientation": "h",
        "lenmode": "pixels",
        "len": 220,
        "x": 1,
        "xanchor": "right",
        "yref": "container",
        "y": 1,
        "yanchor": "top",
        "ypad": 0,
        "outlinewidth": 0,
    }


def layout(height: int, *, top: int = 8, **more: Any) -> Json:
    """The layout of a figure of this height in pixels, with so much room above the axes."""
    return {
        "height": height,
        "margin": {"l": 4, "r": 16, "t": top, "b": 4},
        "paper_bgcolor": "$paper",
        "plot_bgcolor": "$paper",
        "font": {"color": "$ink", "size": 13},
        "showlegend": False,
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        "hoverlabel": {
            "bgcolor": "$paper",
            "bordercolor": "$quiet",
            "font": {"color": "$ink"},
            "align": "left",
        },
        "hovermode": "closest",
        "dragmode": False,
        **more,
    }
