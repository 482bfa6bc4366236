"""Figures as PNG files, drawn by matplotlib without a window, a browser or a global state."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from labeltree.reports.charts import (
    Bars,
    Changes,
    ConfusionMatrices,
    Differences,
    Figure,
    Gallery,
    Heatmap,
    Hierarchy,
    Lines,
    Pairs,
    Scatter,
)
from labeltree.reports.still.bars import draw_bars, size_of_bars
from labeltree.reports.still.changes import draw_changes, size_of_changes
from labeltree.reports.still.confusion import draw_confusion, size_of_confusion
from labeltree.reports.still.differences import draw_differences, size_of_differences
from labeltree.reports.still.frame import style
from labeltree.reports.still.heatmap import draw_heatmap, size_of_heatmap
from labeltree.reports.still.hierarchy import draw_hierarchy, size_of_hierarchy
from labeltree.reports.still.lines import draw_lines, size_of_lines
from labeltree.reports.still.pictures import (
    draw_gallery,
    draw_pairs,
    size_of_gallery,
    size_of_pairs,
)
from labeltree.reports.still.scatter import draw_scatter, size_of_scatter

STILL: dict[type, tuple[Callable[[Any], tuple[float, float]], Callable[..., None]]] = {
    Lines: (size_of_lines, draw_lines),
    Scatter: (size_of_scatter, draw_scatter),
    Bars: (size_of_bars, draw_bars),
    Differences: (size_of_differences, draw_differences),
    Changes: (size_of_changes, draw_changes),
    Heatmap: (size_of_heatmap, draw_heatmap),
    Hierarchy: (size_of_hierarchy, draw_hierarchy),
    Pairs: (size_of_pairs, draw_pairs),
    Gallery: (size_of_gallery, draw_gallery),
    ConfusionMatrices: (size_of_confusion, draw_confusion),
}

WIDEST = 11.8  # inches: two ordinary panels or three square ones
DOTS_PER_INCH = 150


def write_png(figure: Figure, path: Path) -> None:
    """Draw a figure, its panels in rows as wide as a page, and write it to `path`."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Sheet
    from PIL import Image

    sizes = [STILL[type(panel)][0](panel) for panel in figure.panels]
    widest = max(width for width, _ in sizes)
    columns = min(max(1, int(WIDEST / widest)), len(sizes))
    rows = -(-len(sizes) // columns)
    width = columns * widest
    heights = [
        max(height for _, height in sizes[row * columns : (row + 1) * columns])
        for row in range(rows)
    ]
    height = 0.45 + sum(heights)
    with style():
        sheet = Sheet(figsize=(width, height), dpi=DOTS_PER_INCH, layout="constrained")
        canvas = FigureCanvasAgg(sheet)
        sheet.suptitle(figure.title, x=0.01, ha="left", weight="bold", size=12)
        grid = sheet.subplots(rows, columns, squeeze=False, height_ratios=heights).ravel()
        for axes in grid[len(sizes) :]:
            axes.set_axis_off()
        for panel, axes in zip(figure.panels, grid, strict=False):
            axes.set_title(panel.title)
            STILL[type(panel)][1](panel, axes)
        canvas.draw()  # once; `savefig` draws everything twice
        Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB").save(path)


__all__ = ["STILL", "write_png"]
