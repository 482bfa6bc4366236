"""Shades of shares: in a grid, and in a tree of tiles."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from labeltree.reports.charts.axis import Values


@dataclass(frozen=True)
class Heatmap:
    """Shares in a grid; `values[row][column]`, NaN cells are left blank."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: tuple[Values, ...]
    row_label: str
    column_label: str
    scale_label: str
    hover: tuple[tuple[str, ...], ...]
    title: str = ""


@dataclass(frozen=True)
class Tile:
    """One node of a `Hierarchy`: `parent` is a key, "" for the root; `size` in leaves."""

    key: str
    parent: str
    label: str
    path: str
    size: float
    shade: float
    text: str


def top_of_scale(tiles: Iterable[Tile]) -> float:
    """The greatest shade; at least a tenth, or a share of 1 % would look as bad as 90 %."""
    return max([0.1, *(tile.shade for tile in tiles)])


@dataclass(frozen=True)
class Hierarchy:
    """A tree of tiles, parents before children; `shown_levels` counts the root."""

    tiles: tuple[Tile, ...]
    scale_label: str
    shown_levels: int
    visible_rows: int
    title: str = ""
