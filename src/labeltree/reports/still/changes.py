"""Steps from before to after in matplotlib."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labeltree.reports.charts import Changes
from labeltree.reports.still.frame import add_legend, color, legend_name, set_axis
from labeltree.reports.still.rows import set_rows, size_of_rows

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes


def size_of_changes(chart: Changes) -> tuple[float, float]:
    """Width and height in inches."""
    return size_of_rows(chart.rows)


def draw_changes(chart: Changes, axes: Axes) -> None:
    """A line leads from an open circle to a diamond in the colour of its direction."""
    drawn: dict[str, Artist] = {}
    quiet = color("quiet")
    places = range(len(chart.rows))
    before = [row.before for row in chart.rows]
    circles = axes.plot(before, places, "o", color=quiet, mfc="none", ms=5.5, mew=1.3, zorder=4)
    drawn[chart.before] = circles[0]
    for name, (role, rows) in chart.kinds().items():
        one_color = color(role)
        for place, row in rows:
            axes.plot([row.before, row.after], [place, place], color=one_color, lw=1.8, zorder=2)
        after, at = [row.after for _, row in rows], [place for place, _ in rows]
        drawn[name] = axes.plot(after, at, "D", color=one_color, ms=5, zorder=3)[0]
    set_axis(axes, "x", chart.axis)
    axes.set(xlim=chart.reach)
    set_rows(axes, chart.rows)
    add_legend(axes, 2, list(drawn.values()), [legend_name(name) for name in drawn])
