"""Steps from before to after, in the page and on paper."""

import math

from labeltree.reports.charts import Axis, Change, Changes
from labeltree.reports.interactive.changes import draw_changes as draw_interactive
from labeltree.reports.still.changes import draw_changes as draw_still
from labeltree.reports.still.frame import style

ROWS = (
    Change("a", 0.5, 0.3, "−20"),
    Change("b", 0.4, 0.4, "0"),
    Change("c", 0.2, 0.6, "+40"),
    Change("d", math.nan, 0.9, "–"),
)


def chart(**more: float) -> Changes:
    return Changes(ROWS, Axis("top-1", percent=True, **more), "old", "new")


def test_losses_and_gains_are_told_apart() -> None:
    kinds = chart().kinds()
    assert {name: [place for place, _ in rows] for name, (_, rows) in kinds.items()} == {
        "new: lower": [0],
        "new: the same": [1],
        "new: higher": [2],
    }
    assert len({role for role, _ in kinds.values()}) == 3


def test_the_axis_reaches_as_far_as_the_values_or_as_it_says() -> None:
    low, high = chart().reach
    assert 0.15 < low < 0.2 and 0.9 < high < 0.95
    assert chart(low=0.0, high=1.0).reach == (0.0, 1.0)
    assert Changes((Change("a", 0.5, 0.5, ""),), Axis("")).reach == (0.49, 0.51)


def test_a_line_leads_from_before_to_after() -> None:
    drawn = draw_interactive(chart())
    lines = [trace for trace in drawn["data"] if trace.get("mode") == "lines"]
    assert [(trace["x"], trace["y"]) for trace in lines] == [
        ([0.5, 0.3, None], [0, 0, None]),
        ([0.4, 0.4, None], [1, 1, None]),
        ([0.2, 0.6, None], [2, 2, None]),
    ]
    named = {trace["name"]: trace for trace in drawn["data"] if "name" in trace}
    assert named["old"]["x"] == [0.5, 0.4, 0.2, None]
    assert named["new: higher"]["x"] == [0.6] and named["new: higher"]["y"] == [2]
    assert drawn["layout"]["yaxis2"]["ticktext"] == ["−20", "0", "+40", "–"]


def test_on_paper_rows_are_read_from_the_top() -> None:
    from matplotlib.figure import Figure

    with style():
        axes = Figure().subplots()
        draw_still(chart(), axes)
    assert axes.get_ylim() == (3.5, -0.5)
    assert [text.get_text() for text in axes.get_yticklabels()] == ["a", "b", "c", "d"]
    legend = axes.get_legend()
    assert legend is not None
    names = [text.get_text() for text in legend.get_texts()]
    assert names == ["old", "new: lower", "new: the same", "new: higher"]
