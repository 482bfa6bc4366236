"""Confused pairs and galleries in matplotlib."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from labeltree.reports.charts import Gallery, Pair, Pairs, Picture
from labeltree.reports.still.frame import color
from labeltree.reports.words import shorten

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMNS = 6
MOST_ROWS = 8  # of a gallery, on paper
LONGEST_BAR = 0.17


def size_of_pairs(chart: Pairs) -> tuple[float, float]:
    """Width and height in inches."""
    return 9.0, 0.4 + 0.55 * len(chart.pairs)


def draw_pairs(chart: Pairs, axes: Axes) -> None:
    """A bar for each pair, with its pictures on the right."""
    for row, pair in enumerate(chart.pairs):
        _draw_pair(pair, row, chart.most, axes)
    axes.set(xlim=(0, 1), ylim=(len(chart.pairs) - 0.5, -0.5))
    axes.set_axis_off()


def _draw_pair(pair: Pair, row: int, most: float, axes: Axes) -> None:
    words = f"{shorten(pair.truth, 22)} {pair.arrow} {shorten(pair.answer, 22)}"
    axes.text(0, row, words, va="center")
    axes.barh([row], [LONGEST_BAR * pair.images / most], 0.36, left=0.385, color=color("series-1"))
    end = 0.395 + LONGEST_BAR * pair.images / most
    axes.text(end, row, pair.shown_amount, va="center", color=color("quiet"))
    for place, picture in enumerate(pair.pictures):
        _draw_picture(picture, 0.72 + 0.048 * place, row, axes)


def _draw_picture(picture: Picture, x: float, y: float, axes: Axes, inches: float = 0.42) -> None:
    from matplotlib.offsetbox import AnnotationBbox, OffsetImage
    from PIL import Image

    with Image.open(picture.path) as opened:
        pixels = np.asarray(opened.convert("RGB"))
    image = OffsetImage(pixels, zoom=inches * 72 / max(pixels.shape), interpolation="bilinear")
    axes.add_artist(AnnotationBbox(image, (x, y), frameon=False, pad=0))


def size_of_gallery(chart: Gallery) -> tuple[float, float]:
    """Width and height in inches."""
    return 9.0, 0.3 + 1.3 * _rows(chart)


def draw_gallery(chart: Gallery, axes: Axes) -> None:
    """Pictures in rows, each with its words below; the first ones, where there are many."""
    for place, picture in enumerate(chart.pictures[: MOST_ROWS * COLUMNS]):
        row, column = divmod(place, COLUMNS)
        _draw_picture(picture, column, row, axes, inches=0.78)
        words = picture.caption.replace(", not ", ",\nnot ")
        axes.text(column, row + 0.34, words, ha="center", va="top", size=6.5)
    axes.set(xlim=(-0.5, COLUMNS - 0.5), ylim=(_rows(chart) - 0.45, -0.35))
    axes.set_axis_off()


def _rows(chart: Gallery) -> int:
    return min(MOST_ROWS, -(-len(chart.pictures) // COLUMNS))
