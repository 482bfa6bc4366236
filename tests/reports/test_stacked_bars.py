"""Parts of a whole stand end to end, in the page and on paper."""

import math

import numpy as np

from labeltree.reports.charts import Axis, Bars, BarSeries
from labeltree.reports.interactive.bars import draw_bars as draw_interactive
from labeltree.reports.still.bars import draw_bars as draw_still
from labeltree.reports.still.frame import style

SERIES = (
    BarSeries("within", (0.3, math.nan), "series-1"),
    BarSeries("leaked", (0.2, 0.4), "series-2"),
)


def chart(upright: bool = False, stacked: bool = True) -> Bars:
    return Bars(("a", "b"), SERIES, Axis("wrong", 0), upright=upright, stacked=stacked)


def drawn(chart: Bars) -> list[tuple[float, float]]:
    """Where the bars of the second series begin and how long they are, on paper."""
    from matplotlib.figure import Figure

    with style():
        axes = Figure().subplots()
        draw_still(chart, axes)
    bars = axes.containers[1].patches
    if chart.upright:
        return [(bar.get_y(), bar.get_height()) for bar in bars]
    return [(bar.get_x(), bar.get_width()) for bar in bars]


def test_the_second_bar_begins_where_the_first_ends() -> None:
    for upright in (False, True):
        assert np.allclose(drawn(chart(upright)), [(0.3, 0.2), (0, 0.4)])
    assert np.allclose(drawn(chart(stacked=False)), [(0, 0.2), (0, 0.4)])


def test_the_page_stacks_and_names_them_in_their_order() -> None:
    layout = draw_interactive(chart())["layout"]
    assert layout["barmode"] == "stack" and layout["legend"]["traceorder"] == "normal"
    assert "barmode" not in draw_interactive(chart(stacked=False))["layout"]
