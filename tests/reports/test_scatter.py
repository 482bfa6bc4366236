"""Points with names: no name hides a point or another name, however wide the page is."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labeltree.reports.charts import Axis, Dot, Dots, Goal, Scatter
from labeltree.reports.interactive.scatter import draw_scatter as draw_interactive
from labeltree.reports.name_places import Place, Sizes, name_places
from labeltree.reports.still.frame import style
from labeltree.reports.still.scatter import draw_scatter as draw_still
from labeltree.reports.still.scatter import size_of_scatter

SIZES = Sizes(letter=6.0, line=12.0, marker=5.0)
FRAMES = [(300.0, 200.0), (500.0, 250.0)]

Box = tuple[float, float, float, float]
points = st.tuples(st.integers(0, 20), st.integers(0, 20))
names = st.text("abc", min_size=1, max_size=12)


def scatter(*dots: Dot, goal: Goal | None = None, log: bool = False) -> Scatter:
    return Scatter((Dots("a", dots, "series-1"),), Axis("x", log=log), Axis("y"), goal)


def boxes(chart: Scatter, places: list[Place], frame: tuple[float, float]) -> list[Box]:
    found = []
    for place in places:
        x = chart.place("x", place.dot.x) * frame[0] + place.right
        y = chart.place("y", place.dot.y) * frame[1] + place.up
        wide, high = SIZES.letter * len(place.dot.name) / 2, SIZES.line / 2
        found.append((x - wide, y - high, x + wide, y + high))
    return found


def overlap(one: Box, other: Box) -> bool:
    slack = 1e-6
    across = one[0] < other[2] - slack and other[0] < one[2] - slack
    return across and one[1] < other[3] - slack and other[1] < one[3] - slack


@given(st.lists(st.tuples(points, names), min_size=1, max_size=15), st.booleans())
@settings(max_examples=40, deadline=None)
def test_names_hide_nothing(found, with_goal: bool) -> None:
    dots = [Dot(x, y, name) for (x, y), name in found]
    chart = scatter(*dots, goal=Goal(10, 10, "goal") if with_goal else None)
    places = name_places(chart, FRAMES, SIZES)
    assert len({id(place.dot) for place in places}) == len(places) <= len(dots)
    for frame in FRAMES:
        named = boxes(chart, places, frame)
        assert not any(overlap(one, other) for one, other in combinations(named, 2))
        for left, bottom, right, top in named:
            assert left >= 0 and bottom >= 0 and right <= frame[0] and top <= frame[1]
        for dot in dots:
            x = chart.place("x", dot.x) * frame[0]
            y = chart.place("y", dot.y) * frame[1]
            half = SIZES.marker
            marker = (x - half, y - half, x + half, y + half)
            assert not any(overlap(one, marker) for one in named)


def test_few_points_have_their_names_beside_them() -> None:
    places = name_places(scatter(Dot(0, 0, "a"), Dot(1, 1, "b"), Dot(2, 0, "c")), FRAMES, SIZES)
    assert [place.dot.name for place in places] == ["a", "b", "c"]
    assert not any(place.far for place in places)


def test_a_name_gives_way_to_what_a_point_varies_by() -> None:
    across = Dot(5, 5, "name", x_ends=(0.0, 10.0))
    (place,) = name_places(scatter(across, Dot(0, 0), Dot(10, 10)), FRAMES, SIZES)
    assert abs(place.up) > SIZES.line / 2, "not on the line"


def test_points_that_cannot_be_drawn_have_no_name() -> None:
    dots = [Dot(np.nan, 1, "a"), Dot(0, 1, "b"), Dot(1, 1, "c"), Dot(100, 2, "d")]
    places = name_places(scatter(*dots, log=True), FRAMES, SIZES)
    assert [place.dot.name for place in places] == ["c", "d"]


def test_axes_reach_all_points_and_the_goal() -> None:
    chart = scatter(Dot(1, 0.2, y_ends=(0.1, 0.3)), Dot(3, 0.4), goal=Goal(4, 0.1, "goal"))
    low, high = chart.reach("x")
    assert low < 1 < 4 < high and chart.place("x", low) == 0 and chart.place("x", high) == 1
    assert chart.reach("y")[0] < 0.1
    low, high = scatter(Dot(1, 1), Dot(100, 1), log=True).reach("x")
    assert low == pytest.approx(100**-0.07) and low * high == pytest.approx(100)
    low, high = scatter(Dot(0, 0.5)).reach("x")
    assert low < 0 < high, "one point has room, too"


def test_the_page_places_names_on_a_logarithmic_axis() -> None:
    drawn = draw_interactive(scatter(Dot(10, 1, "<b>"), Dot(1000, 2, "b"), log=True))
    assert [(one["x"], one["text"]) for one in drawn["layout"]["annotations"]] == [
        (1, "&lt;b&gt;"),
        (3, "b"),
    ]
    low, high = drawn["layout"]["xaxis"]["range"]
    assert low < 1 and high > 3 and drawn["layout"]["xaxis"]["type"] == "log"


def test_the_legend_names_what_has_a_name() -> None:
    from matplotlib.figure import Figure

    dots = (Dot(0, 0, "a"), Dot(1, 1))
    chart = Scatter(
        (
            Dots("mine", dots, "series-1"),
            Dots("paper", dots, "quiet", faint=True),
            Dots("", dots, "quiet", "square", faint=True),
        ),
        Axis("x"),
        Axis("y"),
    )
    traces = draw_interactive(chart)["data"]
    shown = {trace["name"]: trace["showlegend"] for trace in traces}
    assert shown == {"mine": True, "paper": True, "": False}
    symbols = [trace["marker"]["symbol"] for trace in traces]
    assert symbols == ["circle-open", "square-open", "circle"], "what is faint hides nothing"
    with style():
        axes = Figure(figsize=size_of_scatter(chart)).subplots()
        draw_still(chart, axes)
    legend = axes.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["mine", "paper"]


def test_a_crowd_has_more_room() -> None:
    def many(number: int) -> Scatter:
        return scatter(*(Dot(n, n, "name") for n in range(number)))

    assert not many(8).crowded and many(9).crowded
    few, crowd = draw_interactive(many(8)), draw_interactive(many(9))
    assert crowd["least_width"] > few["least_width"]
    assert crowd["layout"]["height"] > few["layout"]["height"]
    assert size_of_scatter(many(9)) > size_of_scatter(many(8))
