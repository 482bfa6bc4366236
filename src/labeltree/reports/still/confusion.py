"""Confusion matrices in matplotlib: all classes of each, with the top-level branches marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from labeltree.reports.charts import ConfusionMatrices
from labeltree.reports.confusion import ClassTree, Drawn, DrawnMatrix, drawn
from labeltree.reports.palette import text_role
from labeltree.reports.still.frame import add_key, color, heat_map
from labeltree.reports.words import shorten

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import PowerNorm

MOST_DRAWN, COLUMNS = 9, 3  # matrices
SIDE, NAMES, ABOVE = 3.0, 1.0, 0.3  # inches
MOST_WRITTEN, MOST_NAMED = 12, 40  # classes with numbers, with names
FINEST = 600  # classes from which several share a dot
RIGHT = {True: (0.08, 0.45), False: (0.3, 1.0)}  # of the colour of right answers; text is readable


def size_of_confusion(chart: ConfusionMatrices) -> tuple[float, float]:
    """Width and height in inches."""
    rows, columns = _grid(chart)
    side = 6.0 if rows * columns == 1 else SIDE
    return 0.8 + columns * (side + NAMES), rows * (side + NAMES + ABOVE)


def draw_confusion(chart: ConfusionMatrices, axes: Axes) -> None:
    """Rows are what the images show, read from the top; each row's shares add up to one."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import PowerNorm

    shown = drawn(chart)
    pictures = [_shares(one, shown) for one in shown.matrices[:MOST_DRAWN]]
    most = max((float(_wrong(one).max()) for one in pictures), default=0.0) or 1.0
    norm = PowerNorm(0.5, 0, most)
    rows, columns = _grid(chart)
    width, height = size_of_confusion(chart)
    for number, (one, shares) in enumerate(zip(shown.matrices, pictures, strict=False)):
        row, column = divmod(number, columns)
        left, top = column / columns + NAMES / width, row / rows + ABOVE / height
        across, down = 1 / columns - 1.05 * NAMES / width, 1 / rows - (ABOVE + NAMES) / height
        cell = axes.inset_axes((left, 1 - top - down, across, down))
        _draw(shares, shown.trees[one.tree], norm, cell)
        cell.set_title(shorten(", ".join(one.keys), 40))
    axes.set_axis_off()
    add_key(axes, ScalarMappable(norm, heat_map()), "taken for another")


def _grid(chart: ConfusionMatrices) -> tuple[int, int]:
    many = min(MOST_DRAWN, max(len(chart.matrices), 1))
    columns = min(COLUMNS, many)
    return -(-many // columns), columns


def _shares(one: DrawnMatrix, shown: Drawn) -> NDArray[np.float64]:
    """Shares of each row's images; of very many classes the greatest of those that share a dot."""
    classes = len(shown.trees[one.tree].leaves)
    asked = np.bincount(one.truths, weights=one.images, minlength=classes)
    side = min(classes, FINEST)
    dots = np.zeros((side, side))
    places = (one.truths * side // classes, one.answers * side // classes)
    np.maximum.at(dots, places, one.images / asked[one.truths])
    return dots


def _wrong(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shares of the mistakes."""
    return np.where(np.eye(len(shares), dtype=bool), 0.0, shares)


def _draw(shares: NDArray[np.float64], tree: ClassTree, norm: PowerNorm, axes: Axes) -> None:
    from matplotlib.colors import to_rgba

    pixels = heat_map()(norm(_wrong(shares)))
    right = np.diag(shares)
    least, most = RIGHT[len(shares) <= MOST_WRITTEN]
    part = (least + (most - least) * right)[:, None]
    blue, pale = np.array(to_rgba(color("series-1"))), np.array(to_rgba(color("heat-0")))
    diagonal = np.arange(len(shares))
    pixels[diagonal, diagonal] = np.where(right[:, None] > 0, part * blue + (1 - part) * pale, pale)
    axes.imshow(pixels, interpolation="nearest" if len(shares) <= 200 else "antialiased")
    axes.grid(visible=False)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(True)
    _name(tree, len(shares), axes)
    if len(shares) <= MOST_WRITTEN:
        _write(shares, norm, axes)


def _name(tree: ClassTree, side: int, axes: Axes) -> None:
    """Names of the classes where there are few; lines around the top-level branches."""
    classes = len(tree.leaves)
    top = [one for one in tree.top() if tree.names[one[0]] is not None]
    sizes = np.array([size for _, size in top]) * side / classes
    ends = np.cumsum(sizes) - 0.5
    if classes <= MOST_NAMED:
        nodes = [node for node in range(len(tree.names)) if tree.is_leaf(node)]
        places = np.arange(classes, dtype=float)
    else:
        nodes, places = [node for node, _ in top], ends - sizes / 2
    names = [shorten(tree.names[node] or "", 14) for node in nodes]
    points = 8 if len(nodes) <= MOST_WRITTEN else 5.5
    axes.set_xticks(places, names, rotation=90, fontsize=points)
    axes.set_yticks(places, names, fontsize=points)
    if 1 < len(top) < classes:  # nor around each class
        for end in ends[:-1].tolist():
            axes.axhline(end, color=color("quiet"), linewidth=0.4)
            axes.axvline(end, color=color("quiet"), linewidth=0.4)


def _write(shares: NDArray[np.float64], norm: PowerNorm, axes: Axes) -> None:
    """The numbers, in percent."""
    for (row, column), share in np.ndenumerate(shares):
        if share > 0:
            role = "ink" if row == column else text_role(float(norm(share)))
            text = f"{100 * share:.0f}" if share >= 0.0095 else f"{100 * share:.1f}"
            axes.text(column, row, text, ha="center", va="center", color=color(role), size=6.5)
