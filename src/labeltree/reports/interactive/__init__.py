"""Charts as Plotly figures: plain dictionaries that the page's script draws in the reader's theme.

No Plotly code runs here. Charts of pictures are not among them: the page's template draws those.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labeltree.reports.charts import Bars, Differences, Heatmap, Hierarchy, Lines
from labeltree.reports.interactive.bars import draw_bars
from labeltree.reports.interactive.differences import draw_differences
from labeltree.reports.interactive.heatmap import draw_heatmap
from labeltree.reports.interactive.hierarchy import draw_hierarchy
from labeltree.reports.interactive.lines import draw_lines

INTERACTIVE: dict[type, Callable[[Any], dict[str, Any]]] = {
    Lines: draw_lines,
    Bars: draw_bars,
    Differences: draw_differences,
    Heatmap: draw_heatmap,
    Hierarchy: draw_hierarchy,
}

__all__ = ["INTERACTIVE"]
