"""Charts as Plotly figures: plain dictionaries that the page's script draws in the reader's theme.

No Plotly code runs here. Charts of pictures are not among them: the page's template draws those.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labeltree.reports.charts import (
    Bars,
    Changes,
    Differences,
    Heatmap,
    Hierarchy,
    Lines,
    Scatter,
)
from labeltree.reports.interactive.bars import draw_bars
from labeltree.reports.interactive.changes import draw_changes
from labeltree.reports.interactive.differences import draw_differences
from labeltree.reports.interactive.heatmap import draw_heatmap
from labeltree.reports.interactive.hierarchy import draw_hierarchy
from labeltree.reports.interactive.lines import draw_lines
from labeltree.reports.interactive.scatter import draw_scatter

INTERACTIVE: dict[type, Callable[[Any], dict[str, Any]]] = {
    Lines: draw_lines,
    Scatter: draw_scatter,
    Bars: draw_bars,
    Differences: draw_differences,
    Changes: draw_changes,
    Heatmap: draw_heatmap,
    Hierarchy: draw_hierarchy,
}

__all__ = ["INTERACTIVE"]
