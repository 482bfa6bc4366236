"""What each figure says, checked by hand or against the metrics."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from labeltree import metrics
from labeltree.reports.charts import Bars, Heatmap, Hierarchy, Lines, Pairs
from labeltree.reports.interactive import INTERACTIVE
from labeltree.reports.run.figures import RUN_FIGURES
from labeltree.reports.run.folder import RunFolder, read_run_folder
from labeltree.reports.run.mistakes import Mistakes
from labeltree.reports.run.predictions import Predictions
from labeltree.reports.still import STILL
from labeltree.taxonomy import Taxonomy

FIVE = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"], ["kind", "breed"])
CAT, BEAGLE, PUG = (FIVE.find(path) for path in ("cat", "dog/beagle", "dog/pug"))


def run_of(
    targets: list[int], answers: list[int], record: dict | None = None, tree: Taxonomy = FIVE
) -> RunFolder:
    confidences = np.linspace(0.9, 0.5, len(targets))
    predictions = Predictions(tree, np.array(targets), np.array(answers), confidences)
    return RunFolder(Path("somewhere"), record or {}, tree, predictions)


@pytest.fixture(scope="module")
def full(full_run: Path) -> RunFolder:
    return read_run_folder(full_run)


@pytest.mark.parametrize("name", RUN_FIGURES)
def test_every_figure(name: str, full: RunFolder) -> None:
    assert RUN_FIGURES[name](RunFolder(Path("empty"), {})) is None, (
        "without data there is no figure"
    )
    figure = RUN_FIGURES[name](full)
    assert figure is not None and figure.name == name
    assert figure.title and figure.lead and figure.alt and figure.panels
    assert figure.table.rows
    for row in figure.table.rows:
        assert len(row) == len(figure.table.head) and all(isinstance(cell, str) for cell in row)
    for panel in figure.panels:
        assert type(panel) in STILL
        if (draw := INTERACTIVE.get(type(panel))) is not None:
            json.dumps(draw(panel), allow_nan=False)


def test_levels_beside_guessing() -> None:
    levels = [
        {"level": name, "depth": depth, "images": 4, "top1": 0.75, "low": 0.3, "high": 0.95}
        for depth, name in enumerate(("kind", "breed"), start=1)
    ]
    # Of four, three are dogs; beagles are half. There are two kinds and three breeds.
    run = run_of([CAT, BEAGLE, BEAGLE, PUG], [CAT, BEAGLE, PUG, PUG], {"test": {"levels": levels}})
    figure = RUN_FIGURES["levels"](run)
    assert figure is not None
    (bars,) = figure.panels
    assert isinstance(bars, Bars)
    values = {series.name: series.values for series in bars.series}
    assert values["guessing"] == (1 / 2, pytest.approx(1 / 3))
    assert values["always the commonest label"] == (0.75, 0.5)
    assert "right within five answers" not in values  # there is no top-5 of three
    assert [cell.replace("\u202f", "") for cell in figure.table.rows[0][2:5]] == [
        "75.0%",
        "30.0%",
        "95.0%",
    ]


def test_tiles_by_hand() -> None:
    # Beagles: one of two is taken for a pug, the other for a cat. The cat is right, no pug is seen.
    figure = RUN_FIGURES["tree"](run_of([BEAGLE, BEAGLE, CAT], [PUG, CAT, CAT]))
    assert figure is not None
    (hierarchy,) = figure.panels
    assert isinstance(hierarchy, Hierarchy)
    found = [(tile.path, tile.parent, tile.size, tile.shade) for tile in hierarchy.tiles]
    assert found == [
        ("all labels", "", 2, pytest.approx(2 / 3)),
        ("dog", "0", 1, 0.5),
        ("cat", "0", 1, 0.0),
        ("dog/beagle", "2", 1, 1.0),
    ]
    assert hierarchy.tiles[3].text.endswith("taken for cat (1), pug (1)")
    assert "1 label has no image" in figure.note
    assert [row[0] for row in figure.table.rows] == ["dog/beagle", "dog", "cat"]


def test_few_images_prove_little() -> None:
    # One missed pug of one is less surely bad than nine missed beagles of ten.
    mistakes = Mistakes(run_of([PUG] + [BEAGLE] * 10, [CAT] + [CAT] * 9 + [BEAGLE]).predictions)
    order = mistakes.worst_first().tolist()
    assert order.index(BEAGLE) < order.index(PUG)


def test_pairs_are_the_metric_with_pictures(full: RunFolder) -> None:
    predictions = full.predictions
    figure = RUN_FIGURES["confusions"](full)
    assert predictions is not None and figure is not None
    (chart,) = figure.panels
    assert isinstance(chart, Pairs)
    tree = predictions.taxonomy
    expected = metrics.confused_pairs(tree, predictions.answers, predictions.targets)
    for pair, one in zip(chart.pairs, expected, strict=False):
        assert (pair.truth, pair.answer) == (tree.names[one.target], tree.names[one.answer])
        assert pair.images == one.images
        assert pair.asked == (predictions.targets == one.target).sum()
        for picture in pair.pictures:
            image = int(picture.path.stem)
            shown = predictions.targets[image], predictions.answers[image]
            assert shown == (one.target, one.answer)


def test_leakage_is_the_metric(full: RunFolder) -> None:
    predictions = full.predictions
    figure = RUN_FIGURES["leakage"](full)
    assert predictions is not None and figure is not None
    (heatmap,) = figure.panels
    assert isinstance(heatmap, Heatmap) and heatmap.rows == ("cat", "dog", "bird")
    oracle = metrics.leakage(predictions.taxonomy, predictions.answers, predictions.targets)
    shares = oracle.counts / oracle.counts.sum(axis=1, keepdims=True)
    np.fill_diagonal(shares, np.nan)
    np.testing.assert_allclose(heatmap.values, shares)
    assert f"{100 * oracle.leaked:.1f}" in figure.lead


def test_surest_mistakes_come_first(full: RunFolder) -> None:
    figure = RUN_FIGURES["surest_mistakes"](full)
    assert figure is not None and full.predictions is not None
    images = [int(row[2]) for row in figure.table.rows]
    confidences = full.predictions.confidences[images]
    assert (np.diff(confidences) <= 0).all() and full.predictions.wrong[images].all()


def test_a_mistake_that_was_not_sure_is_not_shown(full: RunFolder) -> None:
    assert full.predictions is not None
    unsure = replace(full.predictions, confidences=np.full(len(full.predictions), 0.4))
    assert RUN_FIGURES["surest_mistakes"](replace(full, predictions=unsure)) is None


def test_back_off_marks_what_was_chosen(full: RunFolder) -> None:
    figure = RUN_FIGURES["back_off"](full)
    assert figure is not None
    chosen = full.record["back_off"]
    for panel, key in zip(figure.panels, ("mean_depth", "leaf_share"), strict=True):
        assert isinstance(panel, Lines)
        (mark,) = panel.marks
        assert (mark.x, mark.y) == (chosen[key], chosen["accuracy"])


def test_the_best_alpha_is_marked(full: RunFolder) -> None:
    figure = RUN_FIGURES["alpha_sweep"](full)
    assert figure is not None and len(figure.panels) == 3
    for depth, panel in enumerate(figure.panels):
        assert isinstance(panel, Lines)
        best = full.record["alpha_sweep"]["best_alpha"][depth]
        assert [mark.x for mark in panel.marks] == [best, best]
        assert panel.marks[1].y == full.record["alpha_sweep"]["test_error_at_best"][depth]


def test_alpha_is_left_out_where_it_changes_nothing() -> None:
    flat = [{"alpha": alpha, "errors": [0.2, 0.4]} for alpha in (0, 1, 2)]
    sweep = {"alpha_sweep": {"validation": flat, "test": flat, "best_alpha": [1, 1]}}
    assert RUN_FIGURES["alpha_sweep"](RunFolder(Path("flat"), sweep)) is None


@pytest.mark.parametrize(
    ("confidence", "ece", "words"),
    [
        (0.9, 0.1, "Its confidence is 10.0 points too high (calibration error 10.0"),
        (0.7, 0.1, "Its confidence is 10.0 points too low (calibration error 10.0"),
        (0.81, 0.01, "Its confidence can be taken at its word (calibration error 1.0"),
    ],
)
def test_confidence_in_words(confidence: float, ece: float, words: str) -> None:
    bins = [{"low": 0, "high": 1, "confidence": confidence, "accuracy": 0.8, "count": 50}]
    run = RunFolder(Path("run"), {"reliability": bins, "test": {"ece": ece}})
    figure = RUN_FIGURES["reliability"](run)
    assert figure is not None and figure.lead.startswith(words)


def test_epochs_without_a_number_are_left_out_of_a_curve() -> None:
    epochs = {
        "epoch": np.array([1.0, 2.0, 3.0]),
        "train_loss": np.array([3.0, np.nan, 1.0]),
        "validation_loss": np.full(3, np.nan),
        "image_size": np.array([32.0, 32.0, 32.0]),
    }
    figure = RUN_FIGURES["training"](RunFolder(Path("run"), {}, epochs=epochs))
    assert figure is not None
    (panel,) = figure.panels  # a size that never changes needs no curve
    assert isinstance(panel, Lines)
    (series,) = panel.series
    assert (series.x, series.y) == ((1.0, 3.0), (3.0, 1.0))


def cells(rows: tuple[tuple[str, ...], ...]) -> list[list[str]]:
    return [[cell.replace("\u202f", " ") for cell in row] for row in rows]


def test_parts_by_hand(full: RunFolder) -> None:
    figure = RUN_FIGURES["parts"](full)
    assert figure is not None
    images, time = figure.panels
    assert isinstance(images, Bars) and isinstance(time, Bars) and images.stacked
    assert images.categories == ("router", "pets", "fowl")
    own, misrouted = images.series
    # The router divides the images of the first expert only: the second one got too few.
    assert own.values == (45_000, 24_000, 15_000)
    assert (
        misrouted.values[1] == 6000 and np.isnan([misrouted.values[0], misrouted.values[2]]).all()
    )
    assert time.series[0].values == (200.5, 150.0, 99.5) and time.axis.label == "seconds"
    assert figure.lead.replace("\u202f", " ") == (
        "3 networks of 1,467,360 parameters, trained in 7.5 min in all. Of the 30,000 training "
        "images that the router sent to experts, 20.0 % belong to another group. Experts that "
        "the router sent too little learned from all images of their group: fowl."
    )
    assert cells(figure.table.rows)[1] == [
        "pets", "pets", "slim", "3", "30,000", "30,000", "6,000", "489,120", "2.5 min",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("misrouted", "learned", "own", "strange", "out"),
    [
        ("random", 90, 70, 20, 10),
        ("reject", 90, 70, 20, 10),
        ("drop", 70, 70, None, 30),
        ("drop", 80, 80, None, 20),
        ("random", 100, 80, 20, None),
    ],
)
def test_what_is_left_out_is_no_training_image(
    misrouted: str, learned: int, own: int, strange: int | None, out: int | None
) -> None:
    # 100 images sent, 20 of them of other groups; the first ten are known as nothing in particular.
    sent = {"sent": 100, "misrouted": 20, "fallback": False}
    record = {
        "recipe": {"method_options": {"misrouted": misrouted}},
        "parts": [{"name": "a", "group": "a", "images": learned, "division": sent}],
    }
    figure = RUN_FIGURES["parts"](RunFolder(Path("run"), record))
    assert figure is not None
    panels = {panel.title: panel for panel in figure.panels if isinstance(panel, Bars)}
    drawn = [series.values for series in panels["Training images"].series]
    assert drawn == [(own,)] + ([] if strange is None else [(strange,)])
    assert sum(values[0] for values in drawn) == learned
    left_out = panels.get("Images left out")
    assert (left_out and left_out.series[0].values) == (None if out is None else (out,))
    assert ("learns nothing from them" in figure.note) == (misrouted == "drop")


def test_parts_of_an_older_record() -> None:
    record = {"parts": [{"name": "router", "images": 10}, {"name": "a", "branch": "x/a"}]}
    figure = RUN_FIGURES["parts"](RunFolder(Path("run"), record))
    assert figure is not None
    (images,) = figure.panels
    assert isinstance(images, Bars) and len(images.series) == 1
    assert images.categories == ("router", "x/a")
    assert figure.lead == "2 networks."
    assert figure.table.head == ("network", "knows", "training images")
    assert "isrouted" not in figure.note
    assert RUN_FIGURES["parts"](RunFolder(Path("run"), {"parts": [{"name": "router"}]})) is None


def test_of_many_parts_the_largest_are_drawn() -> None:
    record = {"parts": [{"name": f"part {n}", "images": n, "seconds": 600.0} for n in range(100)]}
    figure = RUN_FIGURES["parts"](RunFolder(Path("run"), record))
    assert figure is not None and len(figure.table.rows) == 100
    images, time = figure.panels
    assert isinstance(images, Bars) and isinstance(time, Bars)
    assert images.categories == time.categories == tuple(f"part {n}" for n in range(99, 59, -1))
    assert set(time.series[0].values) == {10} and time.axis.label == "minutes"
    assert "The 40 with most images are drawn." in figure.note
