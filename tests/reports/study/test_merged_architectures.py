"""What the figures of merged-architectures say, checked by hand."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest

from labeltree.reports.charts import Differences, Lines
from labeltree.reports.interactive import INTERACTIVE
from labeltree.reports.record import Json
from labeltree.reports.still import STILL
from labeltree.reports.study.figures import STUDY_FIGURES
from labeltree.reports.study.figures.merged_architectures.variants import VARIANTS

FIGURES = STUDY_FIGURES["merged-architectures"]


def cells(rows: tuple[tuple[str, ...], ...]) -> list[list[str]]:
    return [[cell.replace("\u202f", "") for cell in row] for row in rows]


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure(name: str, record: Json) -> None:
    make = FIGURES[name]
    assert make({}) is None, "no data, no figure"
    figure = make(record)
    assert figure is not None and figure.name == name
    assert figure.title and figure.lead and figure.alt and figure.panels and figure.table.rows
    for row in figure.table.rows:
        assert len(row) == len(figure.table.head) and all(isinstance(cell, str) for cell in row)
    for panel in figure.panels:
        assert type(panel) in STILL
        json.dumps(INTERACTIVE[type(panel)](panel), allow_nan=False)


def test_variants_differ_in_colour_and_in_shape() -> None:
    looks = list(VARIANTS.values())
    assert len({look.role for look in looks}) == len(looks) == 6
    assert len({(look.shape, look.style) for look in looks}) == len(looks)


def row(**changes: Any) -> dict[str, Any]:
    return {
        "network": "slim",
        "variant": "separate",
        "ensemble": 1,
        "alpha": 1.0,
        "level": "fine",
        "error_mean": 0.35,
        "error_sd": 0.01,
        "n": 3,
        **changes,
    }


def test_curves_by_hand() -> None:
    rows = [
        row(alpha=2.0, error_mean=0.5),
        row(alpha=0.0, error_mean=0.4),
        row(),
        row(variant="flat", error_sd=None),
        row(ensemble=2, level="coarse", error_sd=None),
        row(ensemble=2, level="coarse", alpha=0.0, error_mean=None),
        row(alpha=float("nan")),
    ]
    figure = FIGURES["error_against_alpha"]({"rows": rows})
    assert figure is not None
    first, second = figure.panels
    assert isinstance(first, Lines) and isinstance(second, Lines)
    assert (first.title, second.title) == ("fine, single networks", "coarse, ensembles of 2")
    line, flat = first.series
    assert (line.x, line.y) == ((0, 1, 2), (0.4, 0.35, 0.5))
    assert line.low == pytest.approx((0.39, 0.34, 0.49))
    assert line.high == pytest.approx((0.41, 0.36, 0.51))
    assert (flat.name, flat.style, flat.low) == ("flat", "dashed", ())
    assert second.series[0].low == () and second.series[0].x == (1.0,)
    assert "35.0\u202f% at fine (separate)" in figure.lead
    assert cells(figure.table.rows) == [
        ["slim", "1", "fine", "separate", "40.00±1.00%", "35.00±1.00%", "50.00±1.00%", "35.00%",
         "1", "3"],
        ["slim", "1", "fine", "flat", "–", "35.00%", "–", "35.00%", "1", "3"],
        ["slim", "2", "coarse", "separate", "–", "35.00%", "–", "35.00%", "1", "3"],
    ]  # fmt: skip


def test_panels_of_several_networks_and_of_any_level(record: Json) -> None:
    rows = [*record["rows"], *({**one, "network": "densenet100"} for one in record["rows"])]
    figure = FIGURES["error_against_alpha"]({"rows": rows})
    assert figure is not None
    titles = [panel.title for panel in figure.panels]
    assert titles[:3] == [
        "slim, coarse, single networks",
        "slim, fine, single networks",
        "slim, coarse, ensembles of 2",
    ]
    assert len(titles) == 12 and titles[6].startswith("densenet100, coarse")


def test_a_variant_of_ones_own_is_drawn() -> None:
    figure = FIGURES["error_against_alpha"]({"rows": [row(variant="mine"), row()]})
    assert figure is not None
    (panel,) = figure.panels
    assert isinstance(panel, Lines) and [one.name for one in panel.series] == ["separate", "mine"]


def test_one_seed_has_no_band(record: Json) -> None:
    rows = [{**one, "error_sd": None, "n": 1} for one in record["rows"]]
    figure = FIGURES["error_against_alpha"]({"rows": rows})
    assert figure is not None
    for panel in figure.panels:
        assert isinstance(panel, Lines) and not any(one.low for one in panel.series)


def difference(**changes: Any) -> dict[str, Any]:
    return {
        "network": "slim",
        "kind": "variants",
        "a": "separate",
        "b": "merge-1",
        "variant": None,
        "level": "fine",
        "alpha": 1.0,
        "mean_difference": 0.012,
        "low": 0.002,
        "high": 0.022,
        "effect_size": 1.5,
        "p_value": 0.004,
        "p_corrected": 0.04,
        "n": 5,
        **changes,
    }


def test_differences_by_hand() -> None:
    same = dict.fromkeys(("effect_size", "p_value", "p_corrected", "low", "high"))
    tests = [
        difference(),
        difference(a="flat", p_corrected=0.06),
        difference(b="merge-0", mean_difference=0.0, **same),
        difference(alpha=0.0),
        difference(kind="alphas", a="α = 0", b="α = 1", variant="separate", alpha=None),
        difference(kind="neighbours", a="α = 0.9", b="α = 1", variant="separate", alpha=None),
        difference(mean_difference=None),
    ]
    figure = FIGURES["significance"]({"tests": tests})
    assert figure is not None
    variants, alphas = figure.panels
    assert isinstance(variants, Differences) and isinstance(alphas, Differences)
    first, second, third = variants.rows
    assert (first.label, first.text, first.sure) == ("separate − merge-1", "p = 0.040", True)
    assert (first.value, first.low, first.high) == pytest.approx((1.2, 0.2, 2.2))
    assert (second.sure, third.text, third.sure) == (False, "same", False)
    assert variants.reach == pytest.approx((-0.11, 2.31))
    assert [one.label for one in alphas.rows] == ["separate: α = 0 − α = 1"]
    assert figure.lead.startswith("2 of the 4 differences")
    table = cells(figure.table.rows)
    assert len(table) == len(tests), "the table holds all tests"
    assert table[0][4:] == [
        "1", "+1.20", "+0.20 … +2.20", "1.50", "p = 0.004", "p = 0.040", "5",
    ]  # fmt: skip
    assert table[2][5:] == ["0.00", "–", "–", "–", "–", "5"]


def test_tests_at_other_alphas_alone_make_no_figure() -> None:
    assert FIGURES["significance"]({"tests": [difference(alpha=0.5)]}) is None


def test_very_many_tests_are_counted() -> None:
    figure = FIGURES["significance"]({"tests": [difference()] + [difference(alpha=0.0)] * 1500})
    assert figure is not None and figure.table.left_out == 1501 - len(figure.table.rows) > 0


def test_points_by_hand() -> None:
    panel = {
        "title": "separate",
        "coarse": [0.9, 0.2, float("nan"), 0.5],
        "rolled_up": [0.7, 0.2, 0.1, 0.4],
        "belongs": [True, False, False, False],
        "images": 40,
        "mean_gap": 0.1,
        "max_gap": 0.2,
    }
    empty = {"title": "nothing", "coarse": [], "rolled_up": [], "belongs": []}
    kept = {"category": "dog", "network": "slim", "panels": [panel, empty]}
    figure = FIGURES["agreement"]({"agreement": kept})
    assert figure is not None and "0.100 (separate)" in figure.lead
    (lines,) = figure.panels
    assert isinstance(lines, Lines) and lines.square and lines.diagonal
    others, dogs = lines.series
    assert (dogs.name, dogs.x, dogs.y) == ("images of dog", (0.9,), (0.7,))
    assert (others.x, others.y) == ((0.2, 0.5), (0.2, 0.4))
    assert dogs.shape != others.shape and dogs.role != others.role
    assert cells(figure.table.rows) == [["separate", "40", "1", "0.100", "0.200"]]


def test_distances_that_were_not_measured_are_not_told(record: Json) -> None:
    panels = [
        {key: value for key, value in panel.items() if key not in ("mean_gap", "max_gap")}
        for panel in record["agreement"]["panels"]
    ]
    figure = FIGURES["agreement"]({"agreement": {**record["agreement"], "panels": panels}})
    assert figure is not None and figure.lead == ""


def test_points_are_small_and_pale(record: Json) -> None:
    figure = FIGURES["agreement"](deepcopy(record))
    assert figure is not None
    for panel in figure.panels:
        drawn = INTERACTIVE[Lines](panel)
        clouds = [trace for trace in drawn["data"] if trace["mode"] == "markers"]
        assert len(clouds) == 2 and all(trace["marker"]["opacity"] < 1 for trace in clouds)
        assert drawn["layout"]["yaxis"]["scaleanchor"] == "x"
