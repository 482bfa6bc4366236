"""A logarithmic axis has the same ticks in the page and on paper."""

from hypothesis import given
from hypothesis import strategies as st

from labeltree.reports.charts import Axis, Bars, BarSeries, Lines, Series
from labeltree.reports.interactive.lines import draw_lines as draw_interactive
from labeltree.reports.still.bars import draw_bars
from labeltree.reports.still.frame import style
from labeltree.reports.still.lines import draw_lines
from labeltree.reports.ticks import MOST, log_ticks

CHART = Lines(
    (Series("a", (5.0, 100.0), (0.1, 0.4), "series-1", low=(0.05, 0.3), high=(0.2, 0.5)),),
    Axis("classes", log=True),
    Axis("error", percent=True, log=True),
)


def test_the_page_and_the_paper_agree() -> None:
    from matplotlib.figure import Figure

    layout = draw_interactive(CHART)["layout"]
    with style():
        axes = Figure().subplots()
        draw_lines(CHART, axes)
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    assert layout["xaxis"]["type"] == layout["yaxis"]["type"] == "log"
    assert layout["xaxis"]["ticktext"] == ["5", "10", "20", "50", "100"]
    assert layout["yaxis"]["ticktext"] == ["5%", "10%", "20%", "50%"], "as far as the band"
    on_paper = [text.get_text() for text in axes.get_xticklabels()]
    assert on_paper == layout["xaxis"]["ticktext"]


def test_other_axes_stay_as_they_were() -> None:
    layout = draw_interactive(Lines(CHART.series, Axis("x"), Axis("y")))["layout"]
    assert "type" not in layout["xaxis"] and "tickvals" not in layout["yaxis"]


@given(st.floats(1e-6, 1e6), st.floats(1.001, 1e9))
def test_ticks_are_few_and_within(low: float, factor: float) -> None:
    high = low * factor
    ticks = log_ticks(low, high)
    assert len(ticks) >= 2 and list(ticks) == sorted(set(ticks))
    assert ticks[0] >= low * (1 - 1e-8) and ticks[-1] <= high * (1 + 1e-8)
    assert factor > 1e7 or len(ticks) <= MOST


def test_bars_of_a_category_stand_side_by_side_on_paper() -> None:
    from matplotlib.figure import Figure

    series = (
        BarSeries("one", (0.1, 0.2), "series-1", (0.05, 0.1), (0.2, 0.3)),
        BarSeries("point", (0.1, 0.2), "series-3", shape="diamond"),
        BarSeries("two", (0.3, 0.4), "series-2"),
    )
    for upright in (False, True):
        with style():
            axes = Figure().subplots()
            draw_bars(Bars(("a", "b"), series, Axis("x", 0), upright=upright), axes)
        bars = [bar for bar in axes.patches if hasattr(bar, "get_x")]
        edges = [
            (bar.get_x(), bar.get_width()) if upright else (bar.get_y(), bar.get_height())
            for bar in bars
        ]
        assert len(edges) == 4
        (first, wide), (second, same) = edges[0], edges[2]
        assert abs(wide - same) < 1e-9 and abs(first + wide - second) < 1e-9, "they touch"
        assert abs(second) < 1e-9, "both together stand in the middle"
