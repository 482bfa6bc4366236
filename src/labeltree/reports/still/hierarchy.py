"""A tree as nested tiles, in matplotlib: the root on the left, the leaves on the right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labeltree.reports.charts import Hierarchy, Tile, top_of_scale
from labeltree.reports.palette import text_role
from labeltree.reports.still.frame import add_key, color, heat_map

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROW_INCHES, LEAST_INCHES, MOST_INCHES = 0.145, 2.4, 22.0
POINTS_PER_INCH, LEAST_POINTS, MOST_POINTS = 72, 4, 8

Span = tuple[int, float, float]  # depth, top, height in leaves


def size_of_hierarchy(chart: Hierarchy) -> tuple[float, float]:
    """Width and height in inches."""
    height = 0.6 + ROW_INCHES * chart.visible_rows
    return 9.0, min(MOST_INCHES, max(LEAST_INCHES, height))


def draw_hierarchy(chart: Hierarchy, axes: Axes) -> None:
    """The levels that are shown before any click, without the root."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.collections import PatchCollection
    from matplotlib.colors import Normalize
    from matplotlib.patches import Rectangle

    spans = _spans(chart.tiles)
    shown = [tile for tile in chart.tiles if 0 < spans[tile.key][0] < chart.shown_levels]
    norm = Normalize(0, top_of_scale(shown))
    boxes = [
        Rectangle((depth - 1, top), 1, height)
        for depth, top, height in (spans[tile.key] for tile in shown)
    ]
    patches = PatchCollection(boxes, cmap=heat_map(), norm=norm, ec=color("paper"), lw=0.6)
    patches.set_array([tile.shade for tile in shown])
    axes.add_collection(patches)
    axes.set(xlim=(0, chart.shown_levels - 1), ylim=(chart.tiles[0].size, 0))
    axes.set_axis_off()
    for tile in shown:
        _write(tile, spans[tile.key], chart, norm(tile.shade), axes)
    add_key(axes, ScalarMappable(norm, heat_map()), chart.scale_label)


def _spans(tiles: tuple[Tile, ...]) -> dict[str, Span]:
    """Where each tile lies; siblings stand below each other in their order."""
    spans: dict[str, Span] = {}
    next_top: dict[str, float] = {}
    for tile in tiles:
        depth, top, _ = spans.get(tile.parent, (-1, 0.0, 0.0))
        place = next_top.get(tile.parent, top)
        spans[tile.key] = (depth + 1, place, tile.size)
        next_top[tile.parent] = place + tile.size
    return spans


def _write(tile: Tile, span: Span, chart: Hierarchy, part: float, axes: Axes) -> None:
    """The name in a tile, if the tile is high enough to hold it."""
    depth, top, height = span
    inches = 0.9 * size_of_hierarchy(chart)[1] * height / chart.tiles[0].size
    points = min(MOST_POINTS, 0.75 * POINTS_PER_INCH * inches)
    if points >= LEAST_POINTS:
        text = f"{tile.label}  {tile.shade:.0%}"
        ink = color(text_role(part))
        at = (depth - 0.98, top + height / 2)
        axes.text(*at, text, va="center", color=ink, size=points, clip_on=True)
