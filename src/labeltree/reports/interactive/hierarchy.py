"""A tree as nested tiles that open at a click, in Plotly."""

from __future__ import annotations

from labeltree.reports.charts import Hierarchy, top_of_scale
from labeltree.reports.interactive.frame import (
    COLOR_BAR_HEIGHT,
    HEAT_SCALE,
    Json,
    color_bar,
    label,
    layout,
    numbers,
)
from labeltree.reports.palette import text_role

ROW_HEIGHT, LEAST_HEIGHT, MOST_HEIGHT = 18, 380, 2100
PATH_HEIGHT = 26


def draw_hierarchy(chart: Hierarchy) -> Json:
    """The root stands on the left and the leaves on the right, so that names are read straight."""
    top = COLOR_BAR_HEIGHT + PATH_HEIGHT
    return {
        "data": [_tiles(chart)],
        "layout": layout(LEAST_HEIGHT, top=top),
        # For the page's script, which sets the height by the rows in sight. It speaks of tiles
        # outside of Plotly too, where text need not be escaped.
        "rows": {"top": top, "each": ROW_HEIGHT, "least": LEAST_HEIGHT, "most": MOST_HEIGHT},
        "paths": [tile.path for tile in chart.tiles],
        "texts": [tile.text for tile in chart.tiles],
    }


def _tiles(chart: Hierarchy) -> Json:
    tiles, most = chart.tiles, top_of_scale(chart.tiles)
    return {
        "type": "icicle",
        "ids": [tile.key for tile in tiles],
        "parents": [tile.parent for tile in tiles],
        "labels": [label(tile.label) for tile in tiles],
        "values": numbers(tile.size for tile in tiles),
        "text": [f"{100 * tile.shade:.0f}%" for tile in tiles],
        "customdata": [[label(tile.path), label(tile.text)] for tile in tiles],
        "textfont": {"color": [f"${text_role(tile.shade / most)}" for tile in tiles]},
        "texttemplate": "%{label}  %{text}",
        "hovertemplate": "<b>%{customdata[0]}</b><br>%{customdata[1]}<extra></extra>",
        "branchvalues": "total",
        "sort": False,
        "maxdepth": chart.shown_levels,
        "tiling": {"orientation": "h", "pad": 1},
        "textposition": "middle left",
        "marker": {
            "colors": numbers(tile.shade for tile in tiles),
            "colorscale": HEAT_SCALE,
            "cmin": 0,
            "cmax": most,
            "showscale": True,
            "colorbar": color_bar(chart.scale_label),
            "line": {"color": "$paper", "width": 0.5},
        },
        "leaf": {"opacity": 1},
        "pathbar": {"thickness": PATH_HEIGHT},
    }
