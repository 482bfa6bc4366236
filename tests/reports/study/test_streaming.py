"""What the figures of streaming say, on made-up rows and checked by hand."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from labeltree.errors import ModelFolderError
from labeltree.reports.charts import Bars, Changes, Figure, Lines, Scatter
from labeltree.reports.interactive import INTERACTIVE
from labeltree.reports.record import Json
from labeltree.reports.still import STILL, write_png
from labeltree.reports.study.figures import STUDY_FIGURES
from labeltree.reports.study.figures.streaming.models import LOOKS
from labeltree.reports.study.figures.streaming.record import parse
from labeltree.studies.streaming.paper import paper_record

FIGURES = STUDY_FIGURES["streaming"]
NETWORKS = [
    ("SENet", "2x expand, 32x reduction", "bce"),
    *(("ResNet", "normal", loss) for loss in ("margin", "soft margin", "bce")),
    *(("SENet", "normal", loss) for loss in ("margin", "soft margin", "bce", "asymmetric")),
    *(("SENet", variant, "margin") for variant in ("2x expand", "4x expand", "8x reduction")),
    *(("SENet", variant, "margin") for variant in ("32x reduction", "sqrt reduction")),
    ("SENet", "2x expand, 32x reduction", "margin"),
    *(("Inception-ResNet", variant, "margin") for variant in ("48 channels", "96 channels")),
    ("Inception-SENet", "48 channels", "margin"),
]
SUBJECT = ("SENet", "2x expand, 32x reduction", "bce")
# Made up: points of change on the original images, top-5 on the new ones.
PROTECTIONS = {
    "none": (-12.0, 0.86), "dropout": (-10.5, 0.85), "l1": (-9.0, 0.84), "l2": (-6.0, 0.83),
    "freeze": (-7.5, 0.74), "freeze-norm": (-5.0, 0.80), "distill": (-3.0, 0.82),
    "elastic": (-5.5, 0.81), "replay": (-2.5, 0.87), "replay + distill": (-1.0, 0.88),
    "freeze-norm + replay": (-1.5, 0.84), "l2 + distill": (-2.8, 0.79),
}  # fmt: skip
BRANCHES = [f"script {letter}" for letter in "abcdefghij"]


def row(network: tuple[str, str, str], protection: str = "", seed: int = 0, **more: Any) -> Json:
    model, variant, loss = network
    nothing = dict.fromkeys(
        ("base_top1", "base_top5", "original_top1", "original_top5", "streaming_top5_all",
         "streaming_top5_any", "original_epoch_seconds", "streaming_epoch_seconds",
         "streaming_seconds", "retrain_seconds", "speedup")
    )  # fmt: skip
    told = {"model": model, "variant": variant, "loss": loss, "protection": protection}
    return {**nothing, **told, "seed": seed, **more}


def network_rows(place: int, seed: int) -> list[Json]:
    """A base and what streaming made of it, somewhat like the thesis's."""
    rng = np.random.default_rng([place, seed])
    network = NETWORKS[place]
    ease = 0.82 + 0.1 * math.sin(5 * place) + 0.005 * float(rng.normal())
    base = {"base_top1": ease - 0.38 + 0.03 * math.cos(7 * place), "base_top5": ease}
    times = {"original_epoch_seconds": 40 + 2.5 * place, "streaming_epoch_seconds": 2.2 + place / 9}
    rows = [
        row(network, "", seed, **base, original_top1=base["base_top1"], original_top5=ease,
            streaming_top5_all=0.31, streaming_top5_any=0.8,
            original_epoch_seconds=times["original_epoch_seconds"])
    ]  # fmt: skip
    tried = (
        PROTECTIONS if network[1] == SUBJECT[1] else {"none": (-4.0 - place, 0.65 + 0.018 * place)}
    )
    for protection, (change, streaming) in tried.items():
        after = ease + change / 100 + 0.008 * float(rng.normal())
        rows.append(
            row(network, protection, seed, **base, original_top1=after - 0.4, original_top5=after,
                best=protection == "replay + distill",
                streaming_top5_all=streaming + 0.01 * float(rng.normal()), streaming_top5_any=0.97,
                **times, streaming_seconds=30.0 if protection == "none" else 50.0)
        )  # fmt: skip
    return rows


def make_curves(seed: int, epochs: int) -> list[Json]:
    def epoch(number: int, shift: float) -> Json:
        part = number / epochs
        return {
            "epoch": number, "train_loss": 4 - 2 * part, "train_top1": 0.75 * part**0.7 + shift,
            "validation_top1": 0.5 * part**0.4 + shift,
            "validation_top5": 0.88 * part**0.2 + shift / 4,
        }  # fmt: skip

    return [
        {"model": model, "variant": variant, "loss": loss, "seed": seed,
         "epochs": [epoch(number, 0.01 * seed + 0.01 * place) for number in range(1, epochs + 1)]}
        for place, (model, variant, loss) in enumerate(NETWORKS)
    ]  # fmt: skip


def make_branches(seed: int, branches: list[str]) -> list[Json]:
    rng = np.random.default_rng(seed)
    model, variant, loss = SUBJECT
    found = []
    for protection, harm in {"none": 0.25, "replay + distill": 0.04, "distill": 0.1}.items():
        for place, path in enumerate(branches):
            before = 0.9 - 0.1 * math.sin(3 * place)
            after = before - harm * math.cos(place) ** 2 + 0.02 * float(rng.normal())
            found.append(
                {"model": model, "variant": variant, "loss": loss, "protection": protection,
                 "seed": seed, "path": path, "images": 40 + place,
                 "before": {"top1": before - 0.3, "top5": before},
                 "after": {"top1": after - 0.3, "top5": after}}
            )  # fmt: skip
    return found


def make_retraining(seed: int) -> list[Json]:
    found = []
    for labels, share in (("sets", 0.25), ("sets", 0.5), ("sets", 1.0), ("classes", 1.0)):
        model, variant, loss = SUBJECT if labels == "sets" else ("ResNet", "normal", "softmax")
        known = 0.02 * (labels == "sets") - 0.1 * (1 - share) + 0.004 * seed
        found.append(
            {"model": model, "variant": variant, "loss": loss, "labels": labels, "share": share,
             "seed": seed, "seconds": 900 * share + 9 * seed, "epoch_seconds": 60.0,
             "original_top1": 0.5, "original_top5": 0.86 + known,
             "streaming_top5_all": 0.9 + 2 * known, "streaming_top5_any": 0.95}
        )  # fmt: skip
    return found


# Of tables 3 to 5: base top-1 and top-5, original and streaming top-5, seconds of both epochs.
PAPER = [
    ("ResNet", "normal", 0.411, 0.774, 0.562, 0.273, 403.7, 20.9),
    ("SENet", "normal", 0.448, 0.878, 0.763, 0.698, 417.2, 25.3),
    ("SENet", "2x expand", 0.454, 0.903, 0.843, 0.767, 421.4, 26.7),
    ("SENet", "4x expand", 0.443, 0.891, 0.637, 0.926, 425.6, 24.2),
    ("SENet", "8x reduction", 0.479, 0.886, 0.796, 0.893, 408.2, 25.8),
    ("SENet", "32x reduction", 0.441, 0.864, 0.858, 0.719, 406.4, 20.6),
    ("SENet", "sqrt reduction", 0.436, 0.859, 0.823, 0.716, 402.7, 19.7),
    ("SENet", "2x expand, 32x reduction", None, 0.868, 0.862, 0.754, None, None),
    ("Inception-ResNet", "48 channels", 0.383, 0.742, 0.769, 0.692, 305.6, 16.8),
    ("Inception-ResNet", "96 channels", 0.412, 0.761, 0.691, 0.744, 587.4, 37.1),
]  # fmt: skip
PAPER_KEYS = (
    "model", "variant", "base_top1", "base_top5", "original_top5", "streaming_top5",
    "original_epoch_seconds", "streaming_epoch_seconds",
)  # fmt: skip


def make_paper() -> Json:
    return {
        "table1": [{"model": "VGG-16", "top1": 0.413, "top5": 0.736}],
        "rows": [dict(zip(PAPER_KEYS, row, strict=True)) for row in PAPER],
    }


def make_record(seeds: int = 3, branches: list[str] = BRANCHES, epochs: int = 15) -> Json:
    each = range(seeds)
    return {
        "name": "streaming",
        "rows": [
            one
            for place in range(len(NETWORKS))
            for seed in each
            for one in network_rows(place, seed)
        ],
        "curves": [one for seed in each for one in make_curves(seed, epochs)],
        "retraining": [one for seed in each for one in make_retraining(seed)],
        "branches": [one for seed in each for one in make_branches(seed, branches)],
        "paper": make_paper(),
    }


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


def without(record: Json, **keys: Any) -> Json:
    """No row has these figures."""
    return {**record, "rows": [{**one, **keys} for one in record["rows"]]}


NEEDS = {
    "epoch_accuracies": "curves", "top1_against_top5": "rows", "old_against_new": "rows",
    "protections": "rows", "branches": "branches", "retraining": "retraining",
    "epoch_times": "rows",
}  # fmt: skip


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure(name: str, tmp_path: Path) -> None:
    assert FIGURES[name]({}) is None, "no data, no figure"
    record = make_record()
    figure = figure_of(name, record)
    assert figure.name == name and figure.title and figure.lead and figure.alt and figure.note
    assert figure.panels and figure.table.rows
    check(figure)
    write_png(figure, tmp_path / "figure.png")
    assert FIGURES[name]({**record, NEEDS[name]: []}) is None
    alone = FIGURES[name]({NEEDS[name]: record[NEEDS[name]]})
    assert alone is not None, "what it needs is enough"
    check(alone)


@pytest.mark.parametrize("name", FIGURES)
def test_damage_is_said_to_be(name: str) -> None:
    with pytest.raises(ModelFolderError, match="record of the study is damaged at 'rows"):
        FIGURES[name]({"rows": [{"base_top1": "x"}]})


@pytest.mark.parametrize("name", FIGURES)
def test_one_seed_has_no_intervals(name: str) -> None:
    figure = figure_of(name, make_record(seeds=1))
    check(figure)
    assert "One seed: nothing tells" in figure.note and "±" not in figure.lead
    for panel in figure.panels:
        if isinstance(panel, Lines | Bars):
            assert all(series.low == series.high == () for series in panel.series)
        if isinstance(panel, Scatter):
            ends = [end for one in panel.series for dot in one.dots for end in dot.y_ends]
            assert np.isnan(ends).all()


@pytest.mark.parametrize("name", FIGURES)
def test_values_that_some_rows_lack(name: str, tmp_path: Path) -> None:
    record = make_record()
    rng = np.random.default_rng(0)
    for part in ("rows", "retraining"):
        for one in record[part]:
            for key, value in one.items():
                if isinstance(value, float) and rng.random() < 0.3:
                    one[key] = float("nan") if rng.random() < 0.5 else None
    for one in record["branches"]:
        if rng.random() < 0.3:
            one["after"] = {"top1": None, "top5": float("nan")}
    for curve in record["curves"]:
        for epoch in curve["epochs"]:
            epoch["train_top1"] = float("nan")
    figure = figure_of(name, record)
    check(figure)
    write_png(figure, tmp_path / "figure.png")


def test_training_and_validation_by_epoch() -> None:
    epochs = [
        [{"epoch": 1, "train_top1": 0.1 + s, "validation_top1": 0.2},
         {"epoch": 2, "train_top1": 0.5 + s, "validation_top1": 0.4, "validation_top5": 0.8}]
        for s in (0.0, 0.2)
    ]  # fmt: skip
    senet = {"model": "SENet", "variant": "normal", "loss": "margin"}
    curves = [{**senet, "seed": seed, "epochs": rows} for seed, rows in enumerate(epochs)]
    others = [{**senet, "model": "ResNet", "epochs": epochs[0]}, {**senet, "loss": "bce"}]
    figure = figure_of("epoch_accuracies", {"curves": [*curves, *others]})
    (panel,) = figure.panels
    assert isinstance(panel, Lines) and panel.title == "loss: margin"
    train, top1, top5 = panel.series
    assert [one.name for one in panel.series] == [
        "training, top-1",
        "validation, top-1",
        "validation, top-5",
    ]
    assert train.x == (1, 2) and train.y == pytest.approx((0.2, 0.6))
    deviation = float(np.std([0.1, 0.3], ddof=1))
    assert train.low == pytest.approx((0.2 - deviation, 0.6 - deviation))
    assert top1.y == (0.2, 0.4) and (top5.x, top5.y) == ((2,), (0.8,))
    assert said(figure.lead) == (
        "In the end training is ahead by +20.0 points with margin loss (60.0 % of the training, "
        "40.0 % of the validation images are right)."
    )
    assert [said(cell) for cell in figure.table.rows[0]] == [
        "margin", "1", "20.0 ± 14.1 %", "20.0 ± 0.0 %", "–", "2",
    ]  # fmt: skip


def test_variants_have_names_and_models_have_signs() -> None:
    figure = figure_of("top1_against_top5", make_record())
    (chart,) = figure.panels
    assert isinstance(chart, Scatter) and chart.crowded
    named = {(one.name, dot.name) for one in chart.series if not one.faint for dot in one.dots}
    expected = {
        (model, variant if loss == "margin" else f"{variant}, {loss}")
        for model, variant, loss in NETWORKS
    }
    assert named == expected
    paper = [one for one in chart.series if one.faint]
    assert [one.name for one in paper] == ["the paper", "", ""], "once in the legend"
    assert sum(len(one.dots) for one in paper) == 9, "one of its rows has no top-1"
    looks = {(one.role, one.shape) for one in chart.series if not one.faint}
    assert len(looks) == 4
    signs = {one.name: one.shape for one in chart.series}
    assert paper[0].shape == signs["ResNet"] and paper[1].shape == signs["SENet"]
    (cells,) = [row for row in figure.table.rows if row[1:3] == ("2x expand", "margin")]
    assert [said(cell) for cell in cells[-3:]] == ["45.4 %", "90.3 %", "3"]
    (bce,) = [row for row in figure.table.rows if row[:3] == ("SENet", "normal", "bce")]
    assert bce[-3:-1] == ("–", "–"), "the paper's figures are of the margin loss"


@pytest.mark.parametrize(("shift", "drawn"), [(0.0, True), (3.0, False)])
def test_the_papers_points_leave_room_for_the_measured_ones(shift: float, drawn: bool) -> None:
    record = make_record()
    for one in record["paper"]["rows"]:
        one["base_top5"] += shift
    figure = figure_of("top1_against_top5", record)
    (chart,) = figure.panels
    assert isinstance(chart, Scatter)
    assert any(one.faint for one in chart.series) == drawn == ("Open signs" in figure.note)


def test_change_of_the_old_against_the_new() -> None:
    margin = ("SENet", "normal", "margin")
    base = {"base_top5": 0.9, "base_top1": 0.5}
    rows = [
        row(margin, "", 0, **base, original_top5=0.9, streaming_top5_all=0.2),
        row(margin, "none", 0, **base, original_top5=0.8, streaming_top5_all=0.7),
        row(margin, "none", 1, **base, original_top5=0.84, streaming_top5_all=0.74),
        row(margin, "replay", 0, **base, original_top5=0.89, streaming_top5_all=0.9),
        row(("ResNet", "normal", "bce"), "none", 0, **base, original_top5=0.95,
            streaming_top5_all=0.5),
    ]  # fmt: skip
    figure = figure_of("old_against_new", {"rows": rows, "paper": make_paper()})
    (chart,) = figure.panels
    assert isinstance(chart, Scatter)
    dots = {one.name: one.dots for one in chart.series if not one.faint}
    (senet,), (resnet,) = dots["SENet"], dots["ResNet"]
    assert (senet.x, senet.y) == pytest.approx((-8, 0.72)) and senet.name == "normal"
    deviation = float(np.std([-10, -6], ddof=1))
    assert senet.x_ends == pytest.approx((-8 - deviation, -8 + deviation))
    assert (resnet.x, resnet.y) == pytest.approx((5, 0.5)) and resnet.name == "normal, bce"
    paper = [dot for one in chart.series if one.faint for dot in one.dots]
    (worst,) = [dot for dot in paper if dot.text == "the paper: ResNet, normal"]
    assert (worst.x, worst.y) == pytest.approx((-21.2, 0.273))
    assert said(figure.lead) == (
        "Least forgotten: ResNet normal, bce: +5.0 points on the original images, 50.0 % of the "
        "new ones. Most forgotten: SENet normal: −8.0 ± 2.8 points on the original images, 72.0 ± "
        "2.8 % of the new ones."
    )


def streamed(change: float, streaming: float | None, protection: str, seed: int = 0) -> Json:
    after = 0.9 + change / 100
    return row(SUBJECT, protection, seed, base_top5=0.9, original_top5=after,
               streaming_top5_all=streaming, streaming_epoch_seconds=2.0)  # fmt: skip


def test_the_goal_and_who_reaches_it() -> None:
    rows = [
        streamed(0, 0.2, ""),
        streamed(-10, 0.9, "none"),
        streamed(-2, 0.85, "replay"),  # the corner is in the field
        streamed(-1, 0.84, "distill"),
        streamed(-1, 0.9, "replay + distill"),
        streamed(-1.5, None, "broken"),
    ]
    rows[4]["best"] = True
    figure = figure_of("protections", {"rows": rows})
    (chart,) = figure.panels
    assert isinstance(chart, Scatter) and chart.goal is not None
    assert (chart.goal.x, chart.goal.y) == (-2, 0.85)
    assert {one.name: [dot.name for dot in one.dots] for one in chart.series} == {
        "no protection": [""],
        "one protection": ["replay", "distill"],
        "several together": ["replay + distill"],
    }
    assert chart.title == "SENet 2x expand, 32x reduction, bce"
    assert said(figure.lead) == (
        "2 of 4 reach the goal. Chosen by validation: replay + distill, −1.0 points on the "
        "original images, 90.0 % of the new ones; without protection, −10.0 points and 90.0 %."
    )
    told = {cells[1]: cells[2] for cells in figure.table.rows}
    assert told == {
        "before streaming": "no", "no protection": "no", "replay": "yes", "distill": "no",
        "replay + distill": "yes", "broken": "–",
    }  # fmt: skip


def test_the_studys_own_figures_of_the_paper_are_read() -> None:
    rows = parse({"paper": paper_record()}).paper.rows
    assert [dict(zip(PAPER_KEYS, one, strict=True)) for one in PAPER] == [
        {key: getattr(one, key) for key in PAPER_KEYS} for one in rows
    ]


def test_branches_without_and_with_the_best_protection() -> None:
    branches = [f"branch {n}" for n in range(40)]
    figure = figure_of("branches", make_record(branches=branches))
    none, best = figure.panels
    assert isinstance(none, Changes) and isinstance(best, Changes)
    assert (none.title, best.title) == ("no protection", "replay + distill")
    labels = [one.label for one in none.rows]
    assert labels == [one.label for one in best.rows] and len(labels) == 30
    steps = [one.after - one.before for one in none.rows]
    assert steps == sorted(steps), "what loses most without protection comes first"
    assert none.reach == best.reach
    assert "The 10 branches that lose least are in the table only." in figure.note
    assert len(figure.table.rows) == 80
    record = make_record()
    kept = [one for one in record["branches"] if one["protection"] == "none"]
    (alone,) = figure_of("branches", {**record, "branches": kept}).panels
    assert isinstance(alone, Changes) and alone.title == "no protection"


def test_retraining_beside_streaming() -> None:
    figure = figure_of("retraining", make_record())
    original, new = figure.panels
    assert isinstance(original, Scatter) and isinstance(new, Scatter)
    assert [(one.name, one.joined) for one in original.series] == [
        ("retrained, sets of labels", True),
        ("retrained, new classes", False),
        ("streaming, unprotected", False),
        ("streaming, replay + distill", False),
    ]
    sets = original.series[0]
    assert [said(dot.name) for dot in sets.dots] == ["25 %", "50 %", "100 %"]
    assert [dot.x for dot in sets.dots] == [234, 459, 909]
    assert [dot.y for dot in sets.dots] == pytest.approx([0.809, 0.834, 0.884])
    assert [one.dots[0].x for one in original.series[2:]] == [30, 50]
    assert "18.2 times faster" in figure.lead
    nothing = without(make_record(), streaming_seconds=None)
    assert len(figure_of("retraining", nothing).panels[0].series) == 2


def test_an_epoch_of_both_kinds() -> None:
    margin, bce = ("SENet", "normal", "margin"), ("SENet", "normal", "bce")
    rows = [
        row(margin, "", 0, original_epoch_seconds=40.0),
        row(margin, "none", 0, streaming_epoch_seconds=2.0),
        row(margin, "", 1, original_epoch_seconds=44.0),
        row(margin, "none", 1, original_epoch_seconds=44.0, streaming_epoch_seconds=2.0),
        row(margin, "replay", 0, original_epoch_seconds=40.0, streaming_epoch_seconds=9.0),
        row(bce, "none", 0, original_epoch_seconds=1.0, streaming_epoch_seconds=1.0),
    ]
    figure = figure_of("epoch_times", {"rows": rows, "paper": make_paper()})
    seconds, ratios = figure.panels
    assert isinstance(seconds, Bars) and isinstance(ratios, Bars)
    assert seconds.categories == ratios.categories == ("SENet, normal",)
    assert [one.values for one in seconds.series] == [(42,), (2,)]
    here, paper = ratios.series
    assert here.values == (21,) and paper.values == pytest.approx((417.2 / 25.3,))
    assert said(figure.lead) == (
        "An epoch on the original images takes 21 (SENet normal) times as long as one on the new "
        "images."
    )
    only_bce = figure_of("epoch_times", {"rows": rows[-1:]})
    assert only_bce.table.rows[0][:2] == ("SENet", "normal")


@pytest.mark.parametrize("many", [1, 3, 60])
def test_few_networks_and_many(many: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    rows = []
    for n in range(many):
        network = (list(LOOKS)[n % 4], f"variant {n}", "margin")
        base = {"base_top5": 0.8 + 0.1 * rng.random(), "base_top1": 0.4 + 0.1 * rng.random()}
        after = {"original_top5": 0.7, "streaming_top5_all": 0.6 + 0.1 * rng.random()}
        rows += [row(network, "", 0, **base), row(network, "none", 0, **base, **after)]
    for name in ("top1_against_top5", "old_against_new"):
        figure = figure_of(name, {"rows": rows, "paper": make_paper()})
        check(figure)
        assert len(figure.table.rows) == many
        write_png(figure, tmp_path / "figure.png")


def test_hostile_names_are_no_markup() -> None:
    network = ("<b>SENet", "</script>\n$x$", "margin")
    rows = [row(network, "", 0, base_top5=0.9, base_top1=0.5)]
    (chart,) = figure_of("top1_against_top5", {"rows": rows}).panels
    drawn = json.dumps(INTERACTIVE[Scatter](chart))
    assert "<b>" not in drawn and "</script>" not in drawn and "&lt;b&gt;SENet" in drawn


def test_where_no_protection_is_chosen_it_stands_alone() -> None:
    rows = [streamed(5, 0.9, "none"), streamed(1, 0.8, "distill"), streamed(-9, 0.8, "l1")]
    rows[0]["best"] = True
    assert "Chosen by validation: no protection, +5.0 points" in said(
        figure_of("protections", {"rows": rows}).lead
    )
    record = {"rows": rows, "branches": make_record(seeds=1)["branches"]}
    titles = [panel.title for panel in figure_of("branches", record).panels]
    assert titles == ["no protection"]
