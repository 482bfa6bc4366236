"""What the figures of coarse-to-fine say, on made-up rows and checked by hand."""

from __future__ import annotations

import json
import math
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeltree.errors import ModelFolderError
from labeltree.reports.charts import Bars, Differences, Figure, Lines
from labeltree.reports.interactive import INTERACTIVE
from labeltree.reports.record import Json
from labeltree.reports.still import STILL, write_png
from labeltree.reports.study.figures import STUDY_FIGURES
from labeltree.reports.study.figures.coarse_to_fine.accuracy_against_compute import COMPUTE
from labeltree.reports.study.figures.coarse_to_fine.curves import system_curve
from labeltree.reports.study.figures.coarse_to_fine.price import above, unbeaten
from labeltree.reports.study.figures.coarse_to_fine.record import Setting, settings_of

FIGURES = STUDY_FIGURES["coarse-to-fine"]
TRADE_OFFS = {"accuracy_against_compute": "macs", "accuracy_against_memory": "memory_mb"}
ROUTINGS = {"hard": 1, "top-2": 2, "soft": 3}
WAYS = ("random", "drop", "true", "reject")


def row(system: str, kind: str, top1: float | None, macs: float, **more: Any) -> dict[str, Any]:
    nothing = dict.fromkeys(
        ("grouping", "router", "experts", "misrouted", "routing", "router_accuracy", "oracle_top1",
         "router_error_share")
    )  # fmt: skip
    return {
        **nothing, "system": system, "kind": kind, "seed": 0, "top1": top1, "top3": 0.8,
        "epochs": 5, "seconds": 60.0, "memory_mb": macs / 1e7, "macs": macs,
        "images_per_second": 900.0, **more,
    }  # fmt: skip


def routed_row(
    grouping: str, experts: str, routing: str, top1: float | None, way: str = "random", **more: Any
) -> dict[str, Any]:
    macs = 1e7 * (1 + ROUTINGS[routing])
    told = {
        "grouping": grouping, "router": "slim", "experts": experts, "misrouted": way,
        "routing": routing, "router_accuracy": 0.8, "oracle_top1": 0.7, "router_error_share": 0.25,
        "memory_mb": 4.0,
    }  # fmt: skip
    how = "" if way == "random" else f", {way}"
    return {**row(f"{grouping}, {experts}{how}", "routed", top1, macs), **told, **more}


def seed_rows(seed: int) -> list[dict[str, Any]]:
    """Two groupings with three kinds of experts, one in all ways; a trunk and the baselines."""
    rng = np.random.default_rng(seed)

    def around(value: float) -> float:
        return value + 0.01 * float(rng.normal())

    rows = [
        row(f"flat w{wide}", "flat", around(0.4 + wide / 1000), wide * 2e5)
        for wide in (64, 128, 256)
    ]
    rows.append(row("merged", "merged", around(0.55), 3e7))
    rows += [
        routed_row(grouping, experts, routing, around(0.5), way)
        for grouping in ("3 groups", "4 groups")
        for experts in ("small", "medium", "large")
        for way in (WAYS if (grouping, experts) == ("3 groups", "medium") else WAYS[:1])
        for routing in ROUTINGS
    ]
    trunk = {"kind": "trunk", "misrouted": None}
    rows += [
        routed_row("3 groups", "shared trunk", routing, around(0.5), **trunk)
        for routing in ROUTINGS
    ]
    return [{**one, "seed": seed} for one in rows]


def make_record(seeds: int = 3) -> Json:
    rows = [one for seed in range(seeds) for one in seed_rows(seed)]
    tests = [made_test("flat", "3 groups, small, hard", "flat w128")] if seeds > 1 else []
    return {"name": "coarse-to-fine", "rows": rows, "tests": tests}


def made_test(kind: str, a: str, b: str) -> dict[str, Any]:
    return {
        "kind": kind, "a": a, "b": b, "mean_difference": 0.02, "low": 0.01, "high": 0.03,
        "p_value": 0.01, "p_corrected": 0.02, "n": 3,
    }  # fmt: skip


def figure_of(name: str, record: Json) -> Figure:
    figure = FIGURES[name](record)
    assert figure is not None
    return figure


def said(text: str) -> str:
    return text.replace("\u202f", " ")


def check(figure: Figure) -> None:
    """It can be drawn in the page, and its table is whole."""
    for cells in figure.table.rows:
        assert len(cells) == len(figure.table.head) and all(isinstance(cell, str) for cell in cells)
    for panel in figure.panels:
        assert type(panel) in STILL
        drawn = INTERACTIVE[type(panel)](panel)
        assert "nan" not in json.dumps(drawn, allow_nan=False).lower()
    assert "nan" not in f"{figure.lead}{figure.note}{figure.table.rows}".lower()


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure(name: str) -> None:
    assert FIGURES[name]({}) is None, "no data, no figure"
    figure = figure_of(name, make_record())
    assert figure.name == name and figure.title and figure.lead and figure.alt and figure.note
    assert figure.panels and figure.table.rows
    check(figure)


@pytest.mark.parametrize("name", FIGURES)
def test_damage_is_said_to_be(name: str) -> None:
    record = {"rows": [{"top1": "x"}], "tests": [{"a": []}]}
    with pytest.raises(ModelFolderError, match="is damaged at"):
        FIGURES[name](record)


@pytest.mark.parametrize("name", FIGURES)
def test_one_seed_has_no_intervals(name: str) -> None:
    figure = FIGURES[name](make_record(seeds=1))
    assert (figure is None) == (name == "significance")
    if figure is None:
        return
    check(figure)
    assert "One seed: nothing tells" in figure.note and "±" not in figure.lead
    for panel in figure.panels:
        assert isinstance(panel, Lines | Bars)
        assert all(series.low == series.high == () for series in panel.series)


@pytest.mark.parametrize("kind", ["flat", "merged", "routed", "trunk"])
@pytest.mark.parametrize("name", FIGURES)
def test_a_kind_that_is_missing_or_alone(name: str, kind: str, tmp_path: Path) -> None:
    record = make_record()
    without = {**record, "rows": [one for one in record["rows"] if one["kind"] != kind]}
    alone = {**record, "rows": [one for one in record["rows"] if one["kind"] == kind]}
    if (figure := FIGURES[name](without)) is not None:
        check(figure)
    figure = FIGURES[name](alone)
    needs = {"error_sources": ("routed", "trunk"), "misrouted_images": ("routed",)}
    assert (figure is not None) == (kind in needs.get(name, (kind,)))
    if figure is not None:
        check(figure)
        write_png(figure, tmp_path / "figure.png")


GONE = {
    "accuracy_against_compute": {"top1", "macs"},
    "accuracy_against_memory": {"top1", "memory_mb"},
    "error_sources": {"top1", "router_error_share", "routing"},
    "misrouted_images": {"top1", "routing", "misrouted"},
    "significance": set(),
}


@pytest.mark.parametrize("key", sorted(row("", "", 0, 0)))
@pytest.mark.parametrize("name", FIGURES)
def test_a_value_that_no_row_has(name: str, key: str) -> None:
    record = make_record()
    for one in record["rows"]:
        one[key] = None
    figure = FIGURES[name](record)
    assert (figure is None) == (key in GONE[name])
    if figure is not None:
        check(figure)


@pytest.mark.parametrize("name", [name for name in FIGURES if name != "significance"])
def test_values_that_some_rows_lack(name: str, tmp_path: Path) -> None:
    record = make_record()
    rng = np.random.default_rng(0)
    for one in record["rows"]:
        for key in ("top1", "top3", "macs", "memory_mb", "router_error_share", "oracle_top1"):
            if rng.random() < 0.3:
                one[key] = float("nan") if rng.random() < 0.5 else None
    figure = figure_of(name, record)
    check(figure)
    write_png(figure, tmp_path / "figure.png")


FLATS = [row("flat a", "flat", 0.4, 1e7), row("flat b", "flat", 0.6, 1e9)]


def test_a_router_against_the_flat_networks_by_hand() -> None:
    # At 1e7 · (1 + experts): 2e7, 3e7 and 4e7. The flat line rises by 0.1 with every factor of ten.
    rows = [
        *FLATS,
        routed_row("3 groups", "slim", "soft", 0.62),
        routed_row("3 groups", "slim", "soft", 0.64, seed=1),
        routed_row("3 groups", "slim", "hard", 0.42),
        routed_row("3 groups", "slim", "hard", 0.42, seed=1),
        routed_row("4 groups", "slim", "hard", 0.44),
        routed_row("4 groups", "slim", "soft", 0.9, macs=2e9),
    ]
    figure = figure_of("accuracy_against_compute", {"rows": rows})
    three, four = figure.panels
    assert isinstance(three, Lines) and isinstance(four, Lines)
    assert (three.title, four.title) == ("3 groups", "4 groups")
    assert three.x.log and three.y == four.y
    flat, slim = three.series
    assert (flat.name, slim.name) == ("flat networks", "slim"), "the grouping is in the title"
    assert flat.x == (10, 1000) and flat.y == (0.4, 0.6) and flat.low == ()
    assert slim.x == (20, 40) and slim.y == pytest.approx((0.42, 0.63)), "hard first"
    deviation = float(np.std([0.62, 0.64], ddof=1))
    assert slim.low == pytest.approx((0.42, 0.63 - deviation))
    assert slim.high == pytest.approx((0.42, 0.63 + deviation))
    assert said(slim.texts[1]) == (
        "3 groups, slim (random), soft: 63.0 ± 1.4 %, 40.0 million multiply–adds"
    )
    assert said(figure.lead) == (
        "The best routed system is 4 groups, slim (random), soft: 90.0 % at 2,000 million "
        "multiply–adds. The best flat network is flat b: 60.0 % at 1,000 million multiply–adds. "
        "Of 3 points of routed systems, 2 lie above the line of the flat networks; 1 beyond its "
        "ends are not counted."
    )
    assert "from left to right: flat a, flat b." in figure.note
    assert "Means over 1 to 2 seeds; bands are one standard deviation." in figure.note
    assert [said(cell) for cell in figure.table.rows[-1]] == [
        "4 groups, slim", "random", "soft", "2,000", "90.0 %", "80.0 %", "900", "1",
    ]  # fmt: skip


def test_a_flat_network_that_a_cheaper_one_beats_is_not_on_the_line() -> None:
    rows = [*FLATS, row("flat poor", "flat", 0.3, 1e8), row("merged", "merged", 0.5, 1e8)]
    (panel,) = figure_of("accuracy_against_compute", {"rows": rows}).panels
    assert isinstance(panel, Lines)
    assert [(one.name, one.x) for one in panel.series] == [
        ("flat networks", (10, 1000)),
        ("flat poor", (100,)),
        ("merged", (100,)),
    ]
    assert len({one.shape for one in panel.series}) == 3


def test_every_system_is_trained_alike_where_it_can_be() -> None:
    ways = {"slim": ("drop", "random"), "large": ("random",), "small": ("true",)}
    rows = [
        routed_row("3 groups", experts, "hard", 0.5, way)
        for experts, mine in ways.items()
        for way in mine
    ]
    figure = figure_of("accuracy_against_compute", {"rows": rows})
    systems, slim = figure.panels
    assert isinstance(systems, Lines) and isinstance(slim, Lines)
    assert [one.texts[0].split(",")[1] for one in systems.series] == [
        " slim (random)",
        " large (random)",
        " small (true)",
    ]
    assert slim.title == "3 groups, slim, by misrouted images"
    assert [one.name for one in slim.series] == ["drop", "random"]
    assert len(figure_of("accuracy_against_memory", {"rows": rows}).panels) == 1


def test_a_system_looks_the_same_in_every_panel_and_as_no_other() -> None:
    record = make_record()
    groupings = figure_of("accuracy_against_compute", record).panels[:2]
    looks: dict[str, set[tuple[str, str]]] = {}
    for panel in groupings:
        assert isinstance(panel, Lines)
        for one in panel.series:
            looks.setdefault(one.name, set()).add((one.role, one.shape))
    assert set(looks) == {"flat networks", "merged", "small", "medium", "large", "shared trunk"}
    assert all(len(one) == 1 for one in looks.values())
    assert len(set.union(*looks.values())) == len(looks)
    (setting, *_) = settings_of(record)
    many = [system_curve("", [setting], place, COMPUTE) for place in range(25)]
    assert len({(one.role, one.shape) for one in many}) == 25


def test_the_routings_of_a_system_take_the_same_memory() -> None:
    rows = [routed_row("3 groups", "slim", routing, 0.5) for routing in ("soft", "hard", "top-2")]
    figure = figure_of("accuracy_against_memory", {"rows": [*rows, *FLATS]})
    (panel,) = figure.panels
    assert isinstance(panel, Lines)
    flat, slim = panel.series
    assert flat.x == (1, 100) and slim.x == (4, 4, 4)
    assert [text.split(":")[0].split()[-1] for text in slim.texts] == ["hard", "top-2", "soft"]


def test_errors_add_up() -> None:
    rows = [
        routed_row("3 groups", "slim", "soft", 0.6, router_error_share=0.1),
        routed_row("3 groups", "slim", "hard", 0.4, router_error_share=0.25),
        routed_row("3 groups", "slim", "hard", 0.6, router_error_share=0.5, seed=1),
        routed_row("3 groups", "slim", "top-2", 0.6, router_error_share=None),
    ]
    figure = figure_of("error_sources", {"rows": rows})
    (panel,) = figure.panels
    assert isinstance(panel, Bars) and panel.stacked
    assert panel.categories == ("slim, hard", "slim, soft")
    remaining, caused = panel.series
    # 0.6 · 0.25 = 0.15 and 0.4 · 0.5 = 0.2 of the images, in the two seeds.
    assert caused.values == pytest.approx((0.175, 0.04))
    assert remaining.values == pytest.approx((0.325, 0.36))
    assert said(figure.lead) == (
        "The router causes 37.5 % of the errors of 3 groups, slim (random), hard; the least is "
        "10.0 %, of those of 3 groups, slim (random), soft."
    )
    assert said(figure.table.rows[0][3]) == "50.0 ± 14.1 %"


def test_a_seed_without_its_share_does_not_tilt_the_shares() -> None:
    rows = [
        routed_row("3 groups", "slim", "hard", 0.5, router_error_share=0.5),
        routed_row("3 groups", "slim", "hard", 0.9, router_error_share=None, seed=1),
    ]
    figure = figure_of("error_sources", {"rows": rows})
    assert "50.0 % of the errors" in said(figure.lead)


def test_a_seed_without_errors_counts_and_has_no_share() -> None:
    rows = [
        routed_row("3 groups", "slim", "hard", 0.5, router_error_share=0.5),
        routed_row("3 groups", "slim", "hard", 1.0, router_error_share=None, seed=1),
    ]
    figure = figure_of("error_sources", {"rows": [*rows, row("flat", "flat", 1.0, 1e7)]})
    (panel,) = figure.panels
    assert isinstance(panel, Bars)
    # Half of 0.5 in one seed, nothing in the other.
    assert [series.values for series in panel.series] == [(0.125,), (0.125,)]
    assert (
        said(figure.lead)
        == "The router causes 50.0 % of the errors of 3 groups, slim (random), hard."
    )
    (cells,) = figure.table.rows
    assert said(cells[3]).startswith("25.0 ±") and said(cells[6]) == "50.0 %"
    perfect = [{**one, "top1": 1.0, "router_error_share": None} for one in rows]
    assert figure_of("error_sources", {"rows": perfect}).lead == "No system makes an error."


def test_ways_by_hand() -> None:
    scores = {"random": (0.4, 0.5), "drop": (0.42, 0.46), "mine": (None, 0.44)}
    rows = [
        routed_row("3 groups", "slim", routing, top1 and top1 + step, way, seed=seed)
        for way, both in scores.items()
        for routing, top1 in zip(("hard", "soft"), both, strict=True)
        for seed, step in enumerate((-0.01, 0.01))
    ]
    rows.append(routed_row("3 groups", "large", "hard", 0.5))  # in one way only
    figure = figure_of("misrouted_images", {"rows": rows})
    (panel,) = figure.panels
    assert isinstance(panel, Bars) and not panel.stacked and panel.title == "3 groups, slim"
    assert [name.split(":")[0] for name in panel.categories] == ["random", "drop", "mine"]
    hard, soft = panel.series
    assert (hard.name, soft.name) == ("hard", "soft")
    assert hard.values[:2] == pytest.approx((0.4, 0.42)) and math.isnan(hard.values[2])
    assert soft.values == pytest.approx((0.5, 0.46, 0.44))
    deviation = float(np.std([-0.01, 0.01], ddof=1))
    assert soft.low == pytest.approx([value - deviation for value in soft.values])
    assert said(figure.lead) == (
        "Best for 3 groups, slim: drop with hard routing (42.0 ± 1.4 %) and random with soft "
        "routing (50.0 ± 1.4 %)."
    )


@pytest.mark.parametrize(
    ("kind", "a", "b", "panel", "label"),
    [
        (
            "routings",
            "3 groups, medium experts, hard",
            "3 groups, medium experts, soft",
            "3",
            "medium: hard − soft",
        ),
        (
            "misrouted",
            "3 groups, medium, hard",
            "3 groups, medium, drop, hard",
            "3",
            "medium, hard: random − drop",
        ),
        ("experts", "4 groups, small, hard", "4 groups, large, hard", "4", "hard: small − large"),
        (
            "groupings",
            "3 groups, small, hard",
            "4 groups, small, hard",
            "",
            "small, hard: 3 groups − 4 groups",
        ),
        ("flat", "4 groups, small, soft", "flat w64", "4", "small, soft − flat w64"),
        ("merged", "3 groups, medium, true, soft", "merged", "3", "medium, true, soft − merged"),
    ],
)
def test_what_two_systems_share_is_said_once(
    kind: str, a: str, b: str, panel: str, label: str
) -> None:
    elsewhere = [
        made_test("flat", f"{grouping}, large, soft", "flat w128")
        for grouping in ("3 groups", "4 groups")
    ]
    record = {**make_record(), "tests": [made_test(kind, a, b), *elsewhere]}
    titles = {}
    for drawn in figure_of("significance", record).panels:
        assert isinstance(drawn, Differences)
        titles |= {one.label: drawn.title for one in drawn.rows}
    assert titles[label].startswith(f"{panel} groups, " if panel else "groupings")


def test_what_is_said_of_a_point_is_no_markup() -> None:
    rows = deepcopy(FLATS)
    rows[0]["system"] = "<b>flat"
    (panel,) = figure_of("accuracy_against_compute", {"rows": rows}).panels
    (trace,) = INTERACTIVE[Lines](panel)["data"]
    assert trace["hovertemplate"].startswith("%{customdata}")
    assert [said(text) for text in trace["customdata"]] == [
        "&lt;b&gt;flat: 40.0 %, 10.0 million multiply–adds",
        "flat b: 60.0 %, 1,000 million multiply–adds",
    ]


costs = st.integers(1, 1000).map(lambda cost: cost * 1e6)
networks = st.lists(st.tuples(costs, st.integers(0, 100)), min_size=1, max_size=12)


def settings(points: list[tuple[float, int]]) -> list[Setting]:
    return settings_of(
        {
            "rows": [
                row(f"flat {n}", "flat", score / 100, macs)
                for n, (macs, score) in enumerate(points)
            ]
        }
    )


@given(networks)
def test_the_line_to_beat_rises_and_nothing_cheaper_is_as_good(points) -> None:
    flats = settings(points)
    line = unbeaten(flats, COMPUTE)
    costs, scores = ([read(one) for one in line] for read in (COMPUTE.of, top1))
    assert costs == sorted(set(costs)) and scores == sorted(set(scores))
    for one in flats:
        cheaper = [other for other in flats if COMPUTE.of(other) < COMPUTE.of(one)]
        same = [other for other in flats if COMPUTE.of(other) == COMPUTE.of(one)]
        beaten = any(top1(other) >= top1(one) for other in cheaper)
        beaten |= any(top1(other) > top1(one) for other in same)
        assert beaten == (not any(top1(one) == top1(other) for other in line if other in same))


@given(networks, st.tuples(costs, st.integers(0, 100)))
def test_above_is_what_the_drawn_line_says(points, point) -> None:
    line = unbeaten(settings(points), COMPUTE)
    (one,) = settings([point])
    costs = np.log([COMPUTE.of(other) for other in line])
    cost = np.log(COMPUTE.of(one))
    found = above(one, line, COMPUTE)
    if len(line) < 2 or not costs[0] <= cost <= costs[-1]:
        assert found is None
        return
    height = float(np.interp(cost, costs, [top1(other) for other in line]))
    if abs(top1(one) - height) > 1e-9:
        assert found == (top1(one) > height)


def top1(setting: Setting) -> float:
    return setting.mean("top1")
