"""Axes of charts that have a row for each thing: its name on the left, the words on the right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from labeltree.reports.charts import Change, Difference

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def size_of_rows(rows: Sequence[Difference | Change]) -> tuple[float, float]:
    """Width and height in inches."""
    return 5.8, 1.3 + 0.22 * len(rows)


def set_rows(axes: Axes, rows: Sequence[Difference | Change]) -> None:
    """Rows are read from the top."""
    places = range(len(rows))
    axes.set(ylim=(len(rows) - 0.5, -0.5))
    axes.set_yticks(places, [row.label for row in rows])
    axes.grid(visible=False, axis="y")
    words = axes.secondary_yaxis("right")
    words.set_yticks(places, [row.text for row in rows])
    for ruler in (axes, words):
        ruler.tick_params(axis="y", length=0)
    words.spines[:].set_visible(False)
