"""What the figures of a comparison of networks say, on made-up rows and checked by hand."""

from __future__ import annotations

import csv
import json
import math
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from html_page import Page
from PIL import Image

from labeltree.errors import ModelFolderError
from labeltree.reports import write_report
from labeltree.reports.charts import (
    Bars,
    ConfusionMatrices,
    Differences,
    Figure,
    Gallery,
    Lines,
    Scatter,
)
from labeltree.reports.interactive import INTERACTIVE
from labeltree.reports.record import Json
from labeltree.reports.still import write_png
from labeltree.reports.study.comparison import key_numbers, run_table
from labeltree.reports.study.figures import STUDY_FIGURES
from labeltree.reports.study.figures.architectures.folding import drawn_networks
from labeltree.reports.study.figures.architectures.networks import read

FIGURES = STUDY_FIGURES["architectures"]
BESIDE = ("confusion", "mistakes")  # figures of files
NEEDS = {
    "accuracy": "rows", "trade_off": "rows", "significance": "tests", "training": "curves",
    "overfitting": "curves", "cost": "rows", "confusion": "matrices", "mistakes": "mistakes",
}  # fmt: skip
DATASETS = ("MNIST", "CIFAR-10")
MODELS = ("vgg16", "inception_v3", "resnet50")
LABELS = ("animal/cat", "animal/deer", "animal/dog", "vehicle/ship", "vehicle/truck")
# Made up: parameters, weights and memory in MB, multiply–adds, images/s, seconds an epoch.
COSTS = [(138e6, 553.0, 9100.0, 15.4e9, 410.0, 210.0), (25e6, 101.0, 5200.0, 5.7e9, 900.0, 96.0),
         (26e6, 105.0, 4300.0, 4.1e9, 1300.0, 64.0)]  # fmt: skip
COST_KEYS = (
    "params", "weight_mb", "peak_memory_mb", "macs", "images_per_second", "seconds_per_epoch",
)  # fmt: skip
PAPER = {("MNIST", "vgg16"): (0.9916, 1.0), ("CIFAR-10", "inception_v3"): (0.8141, 0.9881)}


def top1_of(dataset: int, model: int, seed: int) -> float:
    ease = (0.97, 0.72)[dataset % 2]
    return ease + 0.02 * math.sin(1 + 3 * model) * (1 + 2 * (dataset % 2)) + 0.004 * seed


def make_row(dataset: str, model: str, d: int, m: int, seed: int) -> Json:
    top1 = top1_of(d, m, seed)
    costs = [value * (1 + m // 3) for value in COSTS[m % 3]]
    paper = PAPER.get((dataset, model))
    published = dict(zip(("paper_top1", "paper_top5"), paper, strict=True)) if paper else {}
    return {
        "dataset": dataset, "model": model, "seed": seed, "method": "flat", "backbone": model,
        "run": f"{dataset}-{model}-{seed}", "top1": top1, "low": top1 - 0.008, "high": top1 + 0.007,
        "top5": min(1.0, top1 + 0.12), "train_top1": 0.99, "validation_top1": top1, "epochs": 8,
        "training_seconds": 8 * costs[5], **dict(zip(COST_KEYS, costs, strict=True)),
        "image_size": 224, "images": 10_000, "classes": 10, **published,
    }  # fmt: skip


def make_curve(dataset: str, model: str, d: int, m: int, seed: int, epochs: int) -> list[Json]:
    top1 = top1_of(d, m, seed)
    learned = [1 - math.exp(-3 * (epoch + 1) / epochs) for epoch in range(epochs)]
    return [
        {"dataset": dataset, "model": model, "seed": seed, "epoch": epoch + 1,
         "seconds": COSTS[m % 3][5] * (1.2 if epoch == 0 else 1) + seed, "images_per_second": 500.0,
         "train_loss": 2.3 * (1 - 0.9 * part) + 0.05 * m, "train_top1": part - 0.03 * m,
         "validation_loss": 2.0, "validation_top1": top1 * part**0.5, "validation_top5": 0.9}
        for epoch, part in enumerate(learned)
    ]  # fmt: skip


def make_tests(dataset: str, models: tuple[str, ...], d: int, seeds: int) -> list[Json]:
    found = []
    for (i, a), (j, b) in combinations(enumerate(models), 2):
        step = top1_of(d, i, 0) - top1_of(d, j, 0)
        p = min(1.0, 0.001 / abs(step))
        told = {"dataset": dataset, "a": a, "b": b, "difference": step, "p_value": p / 3}
        ends = {"low": step - 0.01, "high": step + 0.01, "p_corrected": p}
        mcnemar = {"kind": "mcnemar", "seed": 0, "n": 10_000, "only_a": 320, "only_b": 300}
        found.append({**told, **ends, **mcnemar})
        if seeds > 1:
            unknown = {"low": None, "high": None, "only_a": None, "only_b": None, "seed": None}
            found.append({**told, **ends, **unknown, "kind": "t", "n": seeds})
    return found


def slug(name: str) -> str:
    return "".join(char if char.isalnum() or char in "._-" else "-" for char in name)


def write_matrix(path: Path, shift: int) -> None:
    """Cats are taken for dogs, and more often by later networks."""
    table = np.eye(len(LABELS), dtype=int) * 80
    table[0, 2], table[4, 3] = 12 + shift, 5
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["label", *LABELS])
        rows.writerows([label, *row] for label, row in zip(LABELS, table.tolist(), strict=True))


def write_pictures(folder: Path, place: str, many: int) -> list[Json]:
    found = []
    for number in range(many):
        name = f"examples/{place}/{number}.png"
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shades = np.random.default_rng(number).integers(0, 255, (4, 4, 3), dtype=np.uint8)
        Image.fromarray(shades).resize((32, 32)).save(folder / name)
        found.append(
            {"image": number, "truth": LABELS[number % 5], "answer": LABELS[(number + 2) % 5],
             "confidence": 0.999 - 0.01 * number, "picture": name}
        )  # fmt: skip
    return found


def make_record(
    folder: Path | None = None,
    datasets: tuple[str, ...] = DATASETS,
    models: tuple[str, ...] = MODELS,
    seeds: int = 2,
    epochs: int = 8,
    pictures: int = 5,
) -> Json:
    """A record; with the files beside it if there is a folder."""
    pairs = [(d, m, dataset, model) for d, dataset in enumerate(datasets)
             for m, model in enumerate(models)]  # fmt: skip
    names = {(d, m): f"{slug(dataset)}_{slug(model)}" for d, m, dataset, model in pairs}
    mistaken = {}
    for (d, m), name in names.items() if folder else ():
        write_matrix(folder / f"confusion_{name}.csv", m)
        mistaken[d, m] = write_pictures(folder, name, pictures)
    best = [max(range(len(models)), key=lambda m: top1_of(d, m, 0)) for d in range(len(datasets))]
    last = len(models) - 1
    return {
        "format": 1,
        "kind": "comparison",
        "name": "comparison",
        "title": "Networks compared",
        "date": "2026-11-21T06:16:00+00:00",
        "command": "labeltree compare runs/a runs/b",
        "conclusions": [f"Best on {name}: {models[best[d]]}." for d, name in enumerate(datasets)],
        "rows": [make_row(dataset, model, d, m, seed)
                 for d, m, dataset, model in pairs for seed in range(seeds)],
        "curves": [row for d, m, dataset, model in pairs for seed in range(seeds)
                   for row in make_curve(dataset, model, d, m, seed, epochs)],
        "tests": [test for d, dataset in enumerate(datasets)
                  for test in make_tests(dataset, models, d, seeds)],
        "choices": [
            {"dataset": dataset, "front": list(dict.fromkeys([models[last], models[best[d]]])),
             "best": models[best[d]], "recommended": models[last],
             "why": f"{models[last]} is right nearly as often, and 4 times cheaper."}
            for d, dataset in enumerate(datasets)
        ],
        "matrices": [{"dataset": dataset, "model": model, "seed": 0, "images": 500,
                      "file": f"confusion_{names[d, m]}.csv"} for d, m, dataset, model in pairs],
        "mistakes": [{"dataset": dataset, "model": model, "seed": 0,
                      "file": f"misclassified_{names[d, m]}.csv",
                      "pictures": mistaken.get((d, m), [])} for d, m, dataset, model in pairs],
        "tables": [{"title": "Accuracy", "columns": ["data set", "network", "top-1"],
                    "text_columns": 2, "rows": [["MNIST", "vgg16", None]]}],
        **({"folder": str(folder)} if folder else {}),
    }  # fmt: skip


def write_comparison(folder: Path, change: Any = None, **size: Any) -> Path:
    folder.mkdir(parents=True)
    record = make_record(folder, **size)
    del record["folder"]
    if change:
        change(record)
    (folder / "record.json").write_text(json.dumps(record), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def beside(tmp_path_factory: pytest.TempPathFactory) -> Json:
    """A record with its files; not to be changed."""
    return make_record(tmp_path_factory.mktemp("comparison"))


def figure_of(name: str, record: Json) -> Figure:
    figure = FIGURES[name](record)
    assert figure is not None
    return figure


def said(text: str) -> str:
    return text.replace("\u202f", " ")


def check(figure: Figure) -> None:
    """It can be drawn in the page, and its table is whole."""
    assert figure.lead and figure.alt and figure.note and figure.title and figure.panels
    assert figure.table.rows
    for cells in figure.table.rows:
        assert len(cells) == len(figure.table.head) and all(isinstance(cell, str) for cell in cells)
    for panel in figure.panels:
        if type(panel) in INTERACTIVE:
            drawn = INTERACTIVE[type(panel)](panel)
            assert "nan" not in json.dumps(drawn, allow_nan=False).lower()
    assert "nan" not in f"{figure.lead}{figure.note}{figure.table.rows}".lower()


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure(name: str, beside: Json) -> None:
    assert FIGURES[name]({}) is None, "no data, no figure"
    figure = figure_of(name, beside)
    assert figure.name == name
    check(figure)
    assert FIGURES[name]({**beside, NEEDS[name]: None}) is None
    alone = FIGURES[name]({NEEDS[name]: beside[NEEDS[name]], "folder": beside["folder"]})
    assert alone is not None, "what it needs is enough"
    check(alone)
    if name in BESIDE:
        assert FIGURES[name]({**beside, "folder": None}) is None, "its files are nowhere"


@pytest.mark.parametrize("name", FIGURES)
def test_damage_is_said_to_be(name: str) -> None:
    with pytest.raises(ModelFolderError, match=r"the comparison is damaged at 'rows\.0\.top1'"):
        FIGURES[name]({"kind": "comparison", "rows": [{"top1": "x"}]})


SIZES: dict[str, Json] = {
    "one run": {"datasets": DATASETS[:1], "models": MODELS[:1], "seeds": 1},
    "one epoch": {"epochs": 1},
    "twelve networks": {"models": tuple(f"network {n}" for n in range(12)), "seeds": 1},
    "fourteen data sets": {"datasets": tuple(f"set {n}" for n in range(14)), "seeds": 1},
    "markup and long names": {
        "datasets": ("<b>", "<i>" + 57 * "d"),
        "models": (
            "<b>bold</b>",
            59 * "m" + "1",
            30 * "m" + "x" + 28 * "m" + "1",
            "$x$\n</script>",
        ),
    },
}


@pytest.mark.parametrize("size", SIZES)
def test_few_and_many(size: str, tmp_path: Path) -> None:
    record = make_record(tmp_path, pictures=1, **SIZES[size])
    for name, draw in FIGURES.items():
        figure = draw(record)
        if figure is None:
            assert (name, size) == ("significance", "one run")
            continue
        check(figure)
        assert len(figure.panels) <= 12
        for panel in figure.panels:
            drawn = json.dumps(INTERACTIVE.get(type(panel), lambda _: {})(panel))
            assert "<b>" not in drawn and "<i>" not in drawn and "</script>" not in drawn


@pytest.mark.parametrize("name", FIGURES)
def test_values_that_some_rows_lack(name: str, beside: Json) -> None:
    record = json.loads(json.dumps(beside))
    rng = np.random.default_rng(0)
    for part in ("rows", "curves", "tests"):
        for one in record[part]:
            for key, value in one.items():
                if isinstance(value, float) and rng.random() < 0.3:
                    one[key] = float("nan") if rng.random() < 0.5 else None
    for one in record["rows"]:
        if one["model"] == "vgg16":
            one["macs"] = None
    record["choices"][0]["why"] = None
    check(figure_of(name, record))


@pytest.mark.parametrize("name", ["accuracy", "training"])
def test_on_paper(name: str, beside: Json, tmp_path: Path) -> None:
    write_png(figure_of(name, beside), tmp_path / "figure.png")
    with Image.open(tmp_path / "figure.png") as image:
        assert image.width >= 800


def test_bars_of_accuracy_with_their_intervals() -> None:
    row = {"dataset": "MNIST", "top5": 0.99}
    rows = [
        {**row, "model": "a", "seed": 0, "top1": 0.9, "low": 0.89, "high": 0.91},
        {**row, "model": "a", "seed": 1, "top1": 0.94, "low": 0.93, "high": 0.95},
        {**row, "model": "b", "top1": 0.8, "low": 0.78, "high": 0.81, "paper_top1": 0.85},
    ]
    figure = figure_of("accuracy", {"rows": rows})
    (panel,) = figure.panels
    assert isinstance(panel, Bars) and panel.title == "MNIST"
    assert [said(name) for name in panel.categories] == [
        "a, top-1  92.0 %", "b, top-1  80.0 %", "a, top-5  99.0 %", "b, top-5  99.0 %",
    ]  # fmt: skip
    a, b, paper = panel.series
    nan = math.nan
    assert a.values == pytest.approx((0.92, nan, 0.99, nan), nan_ok=True)
    deviation = float(np.std([0.9, 0.94], ddof=1))
    assert a.low[0] == pytest.approx(0.92 - deviation) and a.high[0] == pytest.approx(
        0.92 + deviation
    )
    assert (b.low[1], b.high[1]) == (0.78, 0.81), "of one run what chance explains"
    assert (paper.name, paper.shape) == ("the paper", "diamond")
    assert paper.values == pytest.approx((nan, 0.85, nan, nan), nan_ok=True)
    assert said(figure.lead) == ("On MNIST, a is best with 92.0 ± 2.8 % right, b last with 80.0 %.")
    assert "paper, top-1" in figure.table.head
    without = figure_of("accuracy", {"rows": rows[:2]})
    assert "paper, top-1" not in without.table.head and "paper" not in without.note


def test_who_is_recommended(beside: Json) -> None:
    figure = figure_of("trade_off", beside)
    for panel, choice in zip(figure.panels, beside["choices"], strict=True):
        assert isinstance(panel, Scatter) and panel.x.log and panel.title == choice["dataset"]
        front, *networks = panel.series
        assert front.joined and front.faint
        assert [dot.text for dot in front.dots] == choice["front"]
        assert [one.name for one in networks] == list(MODELS)
        names = [dot.name for one in networks for dot in one.dots]
        assert names == ["vgg16", "inception_v3", "resnet50, recommended"]
        assert choice["why"] in figure.lead
    costs = [dot.x for one in networks for dot in one.dots]
    assert costs == pytest.approx([15_400, 5_700, 4_100])


def test_networks_of_unknown_cost_are_in_the_table_only(beside: Json) -> None:
    rows = [{**row, "macs": None} if row["model"] == "vgg16" else row for row in beside["rows"]]
    figure = figure_of("trade_off", {**beside, "rows": rows})
    assert all("vgg16" not in [one.name for one in panel.series] for panel in figure.panels)
    (cells,) = [cells for cells in figure.table.rows if cells[:2] == ("MNIST", "vgg16")]
    assert cells[3:6] == ("–", "–", "no")


def test_a_network_looks_the_same_everywhere(beside: Json) -> None:
    looks: dict[str, set[str]] = {model: set() for model in MODELS}
    for name in ("accuracy", "trade_off", "training", "cost"):
        for panel in figure_of(name, beside).panels:
            for one in panel.series:
                if one.name in looks:
                    looks[one.name].add(one.role)
    assert [len(roles) for roles in looks.values()] == [1, 1, 1]
    assert len(set.union(*looks.values())) == 3


def test_pairs_with_their_tests(beside: Json) -> None:
    figure = figure_of("significance", beside)
    titles = [panel.title for panel in figure.panels]
    kinds = ("t-test over the seeds", "McNemar’s test")
    assert titles == [f"{dataset}: {kind}" for dataset in DATASETS for kind in kinds]
    first = figure.panels[1]
    assert isinstance(first, Differences)
    assert first.rows[0].label == "vgg16 − inception_v3"
    step = 100 * (top1_of(0, 0, 0) - top1_of(0, 1, 0))
    assert first.rows[0].value == pytest.approx(step)
    assert (first.rows[0].low, first.rows[0].high) == pytest.approx((step - 1, step + 1))
    assert [row.sure for row in first.rows] == [
        0.001 / abs(top1_of(0, i, 0) - top1_of(0, j, 0)) < 0.05
        for i, j in combinations(range(3), 2)
    ]
    assert "McNemar" in figure.note and "t-test" in figure.note
    one_seed = figure_of("significance", make_record(seeds=1))
    assert len(one_seed.panels) == 2 and "t-test" not in one_seed.note
    tests = [{**test, "low": None, "high": None} for test in beside["tests"]]
    without = figure_of("significance", {**beside, "tests": tests})
    assert "interval" in figure.note and "interval" not in without.note


def test_of_many_pairs_those_with_the_best_are_drawn() -> None:
    record = make_record(models=tuple(f"n{n}" for n in range(12)), seeds=1)
    figure = figure_of("significance", record)
    for panel, choice in zip(figure.panels, record["choices"], strict=True):
        assert len(panel.rows) == 11
        assert all(choice["best"] in row.label.split(" − ") for row in panel.rows)
    assert len(figure.table.rows) == 2 * 66 and "those with the best network" in figure.note


def test_training_by_epoch() -> None:
    curves = [
        {"dataset": "MNIST", "model": model, "seed": seed, "epoch": epoch,
         "train_top1": 0.5 + 0.1 * epoch + 0.02 * seed, "train_loss": 1 / epoch,
         "seconds": (30 if epoch == 1 else 10) * times}
        for model, times in (("a", 1), ("b", 30)) for seed in (0, 1) for epoch in (2, 1, 3)
    ]  # fmt: skip
    figure = figure_of("training", {"curves": curves})
    accuracy, loss, seconds = figure.panels
    assert isinstance(accuracy, Lines) and accuracy.title == "MNIST: training accuracy"
    a = accuracy.series[0]
    assert a.x == (1, 2, 3) and a.y == pytest.approx((0.61, 0.71, 0.81))
    deviation = float(np.std([0.8, 0.82], ddof=1))
    assert a.high[-1] == pytest.approx(0.81 + deviation)
    assert loss.series[0].y == pytest.approx((1, 1 / 2, 1 / 3))
    assert seconds.y.log and not loss.y.log, "one takes 30 times as long"
    assert said(figure.lead) == (
        "On MNIST, a ends with 81.0 % of the training images right; an epoch of a takes 10 s, of "
        "b 300 s."
    )
    assert len(figure.table.rows) == 6 and "one standard deviation" in figure.note


def test_the_gap_between_training_and_validation() -> None:
    ends = {"a": (0.9, 0.7), "b": (0.8, 0.78)}
    curves = [
        {"dataset": "MNIST", "model": model, "epoch": epoch, "train_top1": train * epoch / 2,
         "validation_top1": validation if epoch == 2 else 0.75}
        for model, (train, validation) in ends.items() for epoch in (1, 2)
    ]  # fmt: skip
    figure = figure_of("overfitting", {"curves": curves})
    (panel,) = figure.panels
    assert isinstance(panel, Lines)
    assert [(one.name, one.style == "dashed") for one in panel.series] == [
        ("a, training", True), ("a, validation", False),
        ("b, training", True), ("b, validation", False),
    ]  # fmt: skip
    assert panel.series[0].role == panel.series[1].role != panel.series[2].role
    assert said(figure.lead) == (
        "On MNIST, training ends +20.0 points above validation with a, +2.0 with b."
    )
    more = [{**row, "model": f"{row['model']}{n}"} for row in curves for n in range(2)]
    apart = figure_of("overfitting", {"curves": more})
    assert [panel.title for panel in apart.panels] == [f"MNIST: {x}{n}" for x in "ab" for n in "01"]
    assert [one.name for one in apart.panels[3].series] == ["training", "validation"]
    cells = [said(cell) for cell in figure.table.rows[0]]
    assert cells == ["MNIST", "a", "2", "90.0 %", "70.0 %", "+20.0", "75.0 %", "1", "1"]


def test_what_networks_cost(beside: Json) -> None:
    figure = figure_of("cost", beside)
    titles = [panel.title for panel in figure.panels]
    assert titles[:2] == ["MNIST: parameters", "MNIST: peak memory"]
    assert len(titles) == 8
    first = figure.panels[0]
    assert isinstance(first, Bars)
    assert [said(name) for name in first.categories] == [
        "vgg16  138 M", "inception_v3  25 M", "resnet50  26 M",
    ]  # fmt: skip
    assert first.series[0].values == pytest.approx((138, math.nan, math.nan), nan_ok=True)
    assert said(figure.lead).startswith(
        "On MNIST, inception_v3 has the fewest parameters (25 M); resnet50 has the least memory "
        "(4.3 GB), the shortest epochs (64 s) and the most images a second (1,300)."
    )


def test_the_pair_that_is_confused_most(beside: Json) -> None:
    figure = figure_of("confusion", beside)
    (panel,) = figure.panels
    assert isinstance(panel, ConfusionMatrices) and len(panel.matrices) == 6
    assert panel.matrices[1].keys == ("MNIST", "inception_v3")
    assert panel.matrices[0].paths == LABELS
    assert figure.lead.startswith(
        "Confused most on MNIST: cat is taken for dog by vgg16 (12 of 92), inception_v3 (13 of "
        "93) and resnet50 (14 of 94). Confused most on CIFAR-10: cat"
    )
    row = [said(cell) for cell in figure.table.rows[1]]
    assert row == ["MNIST", "vgg16", "vehicle/truck", "vehicle/ship", "5", "5.9 %"]


def test_pictures_of_mistakes(beside: Json) -> None:
    figure = figure_of("mistakes", beside)
    (panel,) = figure.panels
    assert isinstance(panel, Gallery) and len(panel.pictures) == 6 * 5
    assert panel.choices(0) == list(DATASETS) and panel.choices(1) == list(MODELS)
    assert {picture.keys for picture in panel.pictures[:6]} == {
        (dataset, model) for dataset in DATASETS for model in MODELS
    }, "the surest of each first"
    assert said(panel.pictures[0].caption) == "cat, not dog (100 %)\nvgg16, MNIST"
    assert said(figure.lead) == (
        "Wrong, and sure of it. The surest: vgg16 on MNIST takes cat for dog with a confidence of "
        "99.9 %."
    )
    kept = "A run keeps pictures of at most"
    assert kept not in figure.note, "an older record does not tell"
    told = [{**run, "per_pair": 7} for run in beside["mistakes"]]
    newer = figure_of("mistakes", {**beside, "mistakes": told})
    assert f"{kept} 7 mistakes of each pair of classes. All wrong" in newer.note
    assert "misclassified_MNIST_vgg16.csv" in figure.note and "3 more files" in figure.note


def test_pictures_that_are_missing_damaged_or_elsewhere(beside: Json, tmp_path: Path) -> None:
    elsewhere = tmp_path / "private.png"
    Image.new("RGB", (8, 8)).save(elsewhere)
    folder = tmp_path / "here"
    folder.mkdir()
    Image.new("RGB", (8, 8)).save(folder / "whole.png")
    (folder / "damaged.png").write_bytes(b"no picture")
    names = ["whole.png", "damaged.png", "missing.png", "../private.png", str(elsewhere), "", None]
    pictures = [
        {"image": place, "truth": "a/x", "answer": "b/x", "confidence": None, "picture": name}
        for place, name in enumerate(names)
    ]
    mistaken = [{"dataset": "set", "model": "a", "file": "f.csv", "pictures": pictures}]
    figure = figure_of("mistakes", {"mistakes": mistaken, "folder": str(folder)})
    (panel,) = figure.panels
    assert isinstance(panel, Gallery)
    assert [picture.path.name for picture in panel.pictures] == ["whole.png"]
    assert panel.pictures[0].caption == "a/x, not b/x (–)\na, set", (
        "bare names would not tell them apart"
    )


def test_of_many_networks_the_recommended_and_the_best_are_drawn() -> None:
    rows = [{"dataset": "set", "model": f"n{n}", "top1": n / 20} for n in range(12)]
    rows.append({"dataset": "set", "model": "unknown", "top1": None})
    choice = {"dataset": "set", "recommended": "n0"}
    study = read({"rows": rows, "choices": [choice]})
    names = [row["model"] for row in rows]
    assert drawn_networks(study, "set", names, 3) == ["n0", "n10", "n11"]
    assert drawn_networks(study, "set", names, 13) == names
    figure = figure_of("accuracy", {"rows": rows})
    (panel,) = figure.panels
    assert len(panel.categories) == 10 and len(figure.table.rows) == 12
    assert [one.role for one in panel.series] == ["series-baseline"], "more than there are colours"
    assert "Of 12 networks, 10 are drawn" in figure.note


def test_key_numbers_of_a_comparison(beside: Json) -> None:
    numbers = [(said(one.value), one.name, one.note) for one in key_numbers(beside)]
    assert numbers[0] == ("3", "networks compared", "on 2 data sets")
    best, recommended = numbers[1:3]
    choice = beside["choices"][0]
    assert best[1:] == ("best top-1 on MNIST", choice["best"])
    assert recommended[1:] == ("recommended on MNIST", "resnet50")
    together = {**beside, "choices": [{**choice, "recommended": choice["best"]}]}
    assert key_numbers(together)[1].name == "best top-1, recommended on MNIST"
    alone = make_record(models=MODELS[:1])
    assert [one.name for one in key_numbers(alone)[1:]] == ["top-1 on MNIST", "top-1 on CIFAR-10"]
    study = key_numbers({**beside, "name": "architectures", "members": [{"name": "x"}]})
    assert "networks compared" not in [one.name for one in study], "they are counted as trained"
    assert key_numbers({**beside, "name": "streaming"}) == []


def test_the_runs_as_a_table(beside: Json) -> None:
    table = run_table(beside)
    assert table is not None and len(table.rows) == 12 and table.text_columns == 3
    assert table.rows[0][:4] == ("MNIST", "vgg16", "MNIST-vgg16-0", "0")
    bare = run_table({"name": "comparison", "rows": [{"model": "a"}]})
    assert bare is not None and bare.head == ("network", "seed")
    assert run_table({**beside, "name": "streaming"}) is None
    assert run_table({"name": "comparison"}) is None


def test_the_page_of_a_comparison(tmp_path: Path) -> None:
    folder = write_comparison(tmp_path / "all", models=MODELS[:2], seeds=1, epochs=2)
    page = Page(write_report(folder))
    sections = [attributes["id"] for attributes in page.all("section")]
    assert sections == ["table-1", *FIGURES, "run"] and page.open == []
    drawn = {path.stem for path in (folder / "figures").iterdir()}
    assert drawn == set(FIGURES)
    assert "networks compared" in page.html and "MNIST-vgg16-0" in page.html
    assert str(tmp_path) not in page.html, "where it lies is nobody's business"


def test_null_is_as_good_as_nothing(tmp_path: Path) -> None:
    def blank(record: Json) -> None:
        for key in set(record) - {"format", "kind", "name"}:
            record[key] = None

    page = Page(write_report(write_comparison(tmp_path / "blank", blank, pictures=0)))
    assert [attributes["id"] for attributes in page.all("section")] == ["run"]
