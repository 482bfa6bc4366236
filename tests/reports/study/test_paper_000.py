"""What the figures of the studies of paper 000 say, on records that the studies themselves made."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_members import comparison_members, label_members, scaling_members

from labeltree.errors import ModelFolderError
from labeltree.reports.charts import Bars, Differences, Figure, Lines
from labeltree.reports.interactive import INTERACTIVE
from labeltree.reports.record import Json
from labeltree.reports.still import STILL
from labeltree.reports.study.figures import STUDY_FIGURES
from labeltree.reports.study.figures.histogram import MOST_BINS, histograms
from labeltree.reports.study.figures.significance import significance_of
from labeltree.studies import find_study

MEMBERS = {
    "size-scaling": lambda: scaling_members({5: [9, 12, 7], 10: [30, 33], 20: [95]}),
    "shared-vs-separate": comparison_members,
    "category-labels": label_members,
}
NAMES = [(study, name) for study in MEMBERS for name in STUDY_FIGURES[study]]


@pytest.fixture(scope="module")
def records() -> dict[str, Json]:
    return {
        name: json.loads(json.dumps(find_study(name).measure(make()), allow_nan=False))
        for name, make in MEMBERS.items()
    }


def figure_of(study: str, name: str, record: Json) -> Figure:
    figure = STUDY_FIGURES[study][name](record)
    assert figure is not None
    return figure


def said(text: str) -> str:
    return text.replace("\u202f", " ")


@pytest.mark.parametrize(("study", "name"), NAMES)
def test_every_figure(study: str, name: str, records: dict[str, Json]) -> None:
    assert STUDY_FIGURES[study][name]({}) is None, "no data, no figure"
    figure = figure_of(study, name, records[study])
    assert figure.name == name and figure.title and figure.lead and figure.alt and figure.note
    assert figure.table.rows
    for row in figure.table.rows:
        assert len(row) == len(figure.table.head) and all(isinstance(cell, str) for cell in row)
    for panel in figure.panels:
        assert type(panel) in STILL
        json.dumps(INTERACTIVE[type(panel)](panel), allow_nan=False)


@pytest.mark.parametrize(("study", "name"), NAMES)
def test_damage_is_said_to_be(study: str, name: str) -> None:
    damage = {"gain": "x", "num_classes": "x", "a": []}
    record = {part: [damage] for part in ("rows", "classes", "tests", "summary", "datasets")}
    with pytest.raises(ModelFolderError, match="is damaged at"):
        STUDY_FIGURES[study][name](record)


@pytest.mark.parametrize(("study", "name"), NAMES)
def test_one_seed_is_drawn(study: str, name: str) -> None:
    few = {
        "size-scaling": lambda: scaling_members({5: [9], 10: [30]}),
        "shared-vs-separate": lambda: comparison_members(seeds=1),
        "category-labels": lambda: label_members(seeds=1),
    }
    record = find_study(study).measure(few[study]())
    figure = STUDY_FIGURES[study][name](record)
    assert (figure is None) == (name == "significance")
    for panel in figure.panels if figure else ():
        json.dumps(INTERACTIVE[type(panel)](panel), allow_nan=False)


def scaling(errors: dict[int, float], **more: Any) -> Json:
    rows = [{"num_classes": size, "error_mean": error} for size, error in errors.items()]
    return {"rows": rows, **more}


def test_relative_growth_by_hand() -> None:
    record = scaling(
        {40: 0.4, 10: 0.2, 20: 0.3},
        growth={"exponent": 0.5, "low": 0.4, "high": None},
        paper=[{"num_classes": 10, "error": 0.05}, {"num_classes": 1000, "error": 0.25}],
    )
    figure = figure_of("size-scaling", "relative_growth", record)
    (panel,) = figure.panels
    assert isinstance(panel, Lines) and panel.x.log and panel.y.log
    as_fast, paper, measured = panel.series
    assert as_fast.x == as_fast.y == (1, 100)
    assert (paper.x, paper.y) == ((1, 100), pytest.approx((1, 5)))
    assert (measured.x, measured.y) == ((1, 2, 4), pytest.approx((1, 1.5, 2)))
    assert figure.lead == (
        "4 times the classes come with 2 times the error (in the paper, 100 times with 5 times): "
        "the error grows as the number of classes to the power of 0.50."
    )
    assert [said(cell) for cell in figure.table.rows[0]] == ["measured", "10", "20.00 %", "1", "1"]


@pytest.mark.parametrize("errors", [{10: 0.2}, {10: 0.0, 20: 0.3}, {10: 0.2, 20: 0.0}])
def test_nothing_is_so_many_times_no_error(errors: dict[int, float]) -> None:
    assert STUDY_FIGURES["size-scaling"]["relative_growth"](scaling(errors)) is None
    assert STUDY_FIGURES["size-scaling"]["errors_by_size"](scaling(errors)) is not None


def test_every_data_set_is_a_point() -> None:
    record = find_study("size-scaling").measure(scaling_members({5: [10, 20], 10: [60]}))
    figure = figure_of("size-scaling", "errors_by_size", record)
    (panel,) = figure.panels
    assert isinstance(panel, Lines) and panel.x.log and not panel.y.log
    mean, each, paper = panel.series
    assert (each.x, each.y) == ((5, 5, 10), pytest.approx((0.1, 0.2, 0.3)))
    assert (mean.x, mean.y) == ((5, 10), pytest.approx((0.15, 0.3)))
    sd = np.std([0.1, 0.2], ddof=1)
    assert mean.low == pytest.approx((0.15 - sd, 0.3)), "the band closes at a single data set"
    assert mean.high == pytest.approx((0.15 + sd, 0.3))
    assert paper.x[-1] == 1000
    first, second = ([said(cell) for cell in row] for row in figure.table.rows)
    assert first == ["5", "2", "15.00 ± 7.07 %", "10.00 %", "20.00 %", "–"]
    assert second == ["10", "1", "30.00 %", "30.00 %", "30.00 %", "4.81 %"]


def row(division: str, category: str, seed: int, *errors: float, images: int = 10) -> Json:
    separate, shared, leaked = errors
    return {
        "division": division, "category": category, "seed": seed, "images": images,
        "separate_error": separate, "shared_error": shared, "leakage": leaked,
    }  # fmt: skip


SHARED: Json = {
    "rows": [
        row("natural", "a", 0, 0.1, 0.2, 0.1),
        row("natural", "b", 0, 0.3, 0.4, 0.1, images=30),
        row("natural", "a", 1, 0.3, 0.4, 0.1),
        row("natural", "b", 1, 0.3, 0.5, 0.3, images=30),
        row("random", "group 01", 0, 0.1, 0.5, 0.4),
        row("random", "group 01", 1, 0.9, 0.9, 0.9),
    ],
    "summary": [
        {
            "division": "natural", "separate_mean": 0.275, "shared_mean": 0.4125,
            "within_mean": 0.2375, "leakage_mean": 0.175, "gained_share": 0.25, "lost_share": 0.7,
        }
    ],
    "paper": {"separate_mean": 0.1718, "shared_mean": 0.1828},
}  # fmt: skip


def test_categories_by_hand() -> None:
    figure = figure_of("shared-vs-separate", "categories", SHARED)
    natural, random = figure.panels
    assert isinstance(natural, Bars) and isinstance(random, Bars)
    assert natural.categories == ("all", "b", "a"), "the hardest first"
    separate, shared = natural.series
    assert separate.values == pytest.approx((0.275, 0.3, 0.2))
    assert shared.values == pytest.approx((0.4125, 0.45, 0.3))
    assert random.categories == ("all", "group 01")
    assert random.series[1].values == pytest.approx((0.5, 0.5)), "the first seed's groups"
    assert natural.axis == random.axis and not natural.stacked
    assert figure.lead == (
        "Sharing one network costs +13.75 points with natural categories (in the paper +1.10)."
    )


def test_leakage_by_hand() -> None:
    figure = figure_of("shared-vs-separate", "leakage", SHARED)
    natural, _ = figure.panels
    assert isinstance(natural, Bars) and natural.stacked
    within, leaked = natural.series
    assert leaked.values == pytest.approx((0.175, 0.2, 0.1))
    assert within.values == pytest.approx((0.2375, 0.25, 0.2))
    assert said(figure.lead) == (
        "Natural categories: 41.25 % wrong = 23.75 % within + 17.50 % leaked."
    )


def test_shares_of_classes_are_those_of_the_table(records: dict[str, Json]) -> None:
    record = records["shared-vs-separate"]
    figure = figure_of("shared-vs-separate", "class_differences", record)
    for panel, means in zip(figure.panels, record["summary"], strict=True):
        assert isinstance(panel, Bars)
        drawn = {one.name: sum(one.values) for one in panel.series}
        assert sum(drawn.values()) == pytest.approx(1)
        assert drawn["lost"] == pytest.approx(means["lost_share"])
        assert drawn.get("gained", 0) == pytest.approx(means["gained_share"])
    assert "66.7 % lose, 33.3 % gain" in said(figure.lead)


def test_a_histogram_by_hand() -> None:
    first, second = histograms({"one": [-0.02, 0.0, 0.0, 0.01, 0.01, 0.03], "two": [0.12]}, "gain")
    assert first.categories == second.categories == tuple(
        f"{sign}{number}" for sign, number in (("−", 2), ("−", 1), ("", 0), *(
            ("+", number) for number in range(1, 13)))
    )  # fmt: skip
    lost, same, gained = first.series
    assert lost.values[0] == pytest.approx(1 / 6) and sum(lost.values) == pytest.approx(1 / 6)
    assert same.values[2] == pytest.approx(2 / 6)
    assert gained.values[3:6] == pytest.approx((2 / 6, 0, 1 / 6))
    assert second.series[2].values[-1] == 1 and sum(second.series[0].values) == 0
    assert "bins of 1" in first.category_label


def test_on_the_border_of_two_bins_is_half_in_each() -> None:
    steps = [number / 100 for number in range(-15, 16)]  # every step once: a plain
    (panel,) = histograms({"": steps}, "gain")
    totals = np.sum([one.values for one in panel.series], axis=0)
    assert len(totals) <= MOST_BINS
    inner = totals[1:-1]
    assert inner == pytest.approx([inner[0]] * len(inner))


@given(st.lists(st.integers(-100, 100), min_size=1, max_size=50))
def test_no_class_is_lost_in_a_histogram(gains: list[int]) -> None:
    values = [gain / 100 for gain in gains]
    (panel,) = histograms({"": values}, "gain")
    shares = {one.name: sum(one.values) for one in panel.series}
    assert sum(shares.values()) == pytest.approx(1)
    assert shares.get("lost", 0) == pytest.approx(np.mean(np.array(gains) < 0))
    for one in panel.series:
        assert len(one.values) == len(panel.categories) and min(one.values) >= 0


def test_schemes_by_hand() -> None:
    rows = [
        {"scheme": scheme, "seed": seed, "levels": {"family": 0.1, "class": error}}
        for scheme, errors in {"class": (0.3, 0.5), "both": (0.2, 0.4)}.items()
        for seed, error in enumerate(errors)
    ]
    record = {"rows": rows, "paper": {"class": 0.1828}}
    figure = figure_of("category-labels", "schemes", record)
    fine, coarse = figure.panels
    assert isinstance(fine, Bars) and isinstance(coarse, Bars)
    assert (fine.title, coarse.title) == ("class", "family")
    measured, paper = fine.series
    assert measured.values == pytest.approx((0.4, 0.3))
    sd = np.std([0.3, 0.5], ddof=1)
    assert measured.low == pytest.approx((0.4 - sd, 0.3 - sd))
    assert paper.values[0] == 0.1828 and np.isnan(paper.values[1])
    assert len(coarse.series) == 1
    assert "40.00 % with class and 30.00 % with both" in said(figure.lead)


def test_class_gains_are_counted() -> None:
    classes = [
        {"class": name, "gain": gain, "errors": {"class": 0.5, "both": 0.5 - gain}}
        for name, gain in (("cat", 0.02), ("dog", -0.01), ("pug", 0.04), ("owl", 0.0))
    ]
    figure = figure_of("category-labels", "class_gains", {"classes": classes})
    assert figure.lead == "2 of 4 classes gain, 1 lose; pug gains most: +4.0 points."
    assert [one[0] for one in figure.table.rows] == ["pug", "cat", "owl", "dog"]


def test_differences_of_one_division_are_told_once(records: dict[str, Json]) -> None:
    figure = figure_of("shared-vs-separate", "significance", records["shared-vs-separate"])
    labels = []
    for panel in figure.panels:
        assert isinstance(panel, Differences)
        labels += [one.label for one in panel.rows]
    assert labels[:5] == [
        "natural: shared − separate",
        "random: shared − separate",
        "natural: shared, given − separate",
        "random: shared, given − separate",
        "natural: loss − random: loss",
    ]
    assert figure.table.head[:3] == ("level", "kind", "difference")
    assert "α" not in figure.table.head


def test_kinds_that_a_study_does_not_draw_are_in_its_table() -> None:
    test = {"kind": "odd", "a": "x", "b": "y", "mean_difference": 0.1, "p_value": 0.01}
    assert significance_of({"even": "even"})({"tests": [test]}) is None
    figure = significance_of({"even": "even"})({"tests": [test, {**test, "kind": "even"}]})
    assert figure is not None
    (panel,) = figure.panels
    assert isinstance(panel, Differences) and panel.title == "even"
    assert len(figure.table.rows) == 2
