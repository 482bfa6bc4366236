"""Runs that lack something, or have too much of it: a page all the same, without empty parts."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from labeltree.reports.charts import Hierarchy
from labeltree.reports.run.figures import RUN_FIGURES
from labeltree.reports.run.folder import read_run_folder
from labeltree.reports.run.page import describe, render_page
from labeltree.reports.still import write_png
from labeltree.taxonomy import Taxonomy, save_taxonomy

OF_ANSWERS = {"tree", "confusions", "confusion_matrix", "surest_mistakes", "leakage"}


def report(folder: Path, draw: bool = False) -> tuple[set[str], str]:
    """Names of the figures, and the page without Plotly's script; `draw`: PNG files too."""
    run = read_run_folder(folder)
    figures = describe(run)
    page = render_page(run, figures)
    for figure in figures if draw else ():
        write_png(figure, folder / f"{figure.name}.png")
    start = page.find("<script>")
    return {figure.name for figure in figures}, page if start < 0 else page[:start]


def without(*keys: str):
    def remove(record: dict[str, Any]) -> None:
        for key in keys:
            record.pop(key, None)

    return remove


def test_two_classes_in_one_level(make_run) -> None:
    names, page = report(make_run(tree=Taxonomy.from_paths(["cat", "dog"]), images=100), draw=True)
    assert names == set(RUN_FIGURES) - {"confusion_matrix"}
    assert "the right class" in page and "What leaks between classes" in page


def test_no_mistake_at_all(make_run) -> None:
    names, page = report(make_run(sharpness=60, examples=0), draw=True)
    gone = {"confusions", "confusion_matrix", "surest_mistakes", "leakage"}
    assert names == set(RUN_FIGURES) - gone
    assert "Not one image was missed" in page and "near misses" not in page


def test_only_a_record(tmp_path: Path) -> None:
    (tmp_path / "record.json").write_text("{}")
    names, page = report(tmp_path)
    assert names == set()
    assert f"<h1>{tmp_path.name}</h1>" in page and 'id="plots"' not in page


@pytest.mark.parametrize(
    ("missing", "gone"),
    [
        ("metrics.csv", {"training"}),
        ("examples", {"surest_mistakes"}),
        ("predictions.npz", OF_ANSWERS),
        ("taxonomy.json", OF_ANSWERS),
    ],
)
def test_a_part_that_the_run_did_not_write(make_run, missing: str, gone: set[str]) -> None:
    folder = make_run(images=100)
    (folder / missing).rename(folder.parent / missing)
    names, page = report(folder)
    assert names == set(RUN_FIGURES) - gone
    assert not any(f'id="{name}"' in page for name in gone)


def test_an_evaluation_without_training_or_choices(make_run) -> None:
    choices = ("alpha_sweep", "back_off", "back_off_curve", "reliability")
    drop = without("recipe", "training", "parts", "original", *choices)
    folder = make_run(images=100, change=drop)
    (folder / "metrics.csv").unlink()
    names, page = report(folder)
    assert names == {"levels", "label_sets"} | OF_ANSWERS
    assert "training time" not in page and "whole configuration" not in page


def test_scores_of_the_validation_split_where_there_is_no_test(make_run) -> None:
    def move(record: dict[str, Any]) -> None:
        record["validation"] = record.pop("test")

    _, page = report(make_run(images=100, change=move))
    assert "Of 100 validation images" in page


def nothing_known(value: Any) -> Any:
    """The same record with NaN for every fraction."""
    if isinstance(value, dict):
        return {key: nothing_known(one) for key, one in value.items()}
    if isinstance(value, list):
        return [nothing_known(one) for one in value]
    return float("nan") if isinstance(value, float) else value


def test_nan_everywhere(make_run) -> None:
    folder = make_run(images=100)
    record = nothing_known(json.loads((folder / "record.json").read_text()))
    (folder / "record.json").write_text(json.dumps(record))
    rows = (folder / "metrics.csv").read_text().splitlines()
    (folder / "metrics.csv").write_text("\n".join([rows[0], *("nan," * 5 for _ in rows[1:])]))
    names, page = report(folder)
    assert names == OF_ANSWERS | {"parts"}
    assert "nan" not in page.lower().replace("maintenance", "")


def test_nan_in_some_places(make_run) -> None:
    def blank(record: dict[str, Any]) -> None:
        record["test"]["levels"][1]["top1"] = float("nan")
        record["test"]["levels"][0]["low"] = None
        record["alpha_sweep"]["test"][3]["errors"][0] = float("nan")
        record["back_off_curve"][0]["leaf_share"] = None
        record["reliability"][-1]["accuracy"] = None

    names, page = report(make_run(images=100, change=blank), draw=True)
    assert names == set(RUN_FIGURES)
    assert page.count("NaN") == 0


def test_one_epoch_makes_no_curve(make_run) -> None:
    names, _ = report(make_run(images=100, epochs=1))
    assert "training" not in names


def write_answers(folder: Path, tree: Taxonomy, images: int) -> Path:
    """A run on a tree too large for all probabilities: only answers are kept."""
    rng = np.random.default_rng(0)
    targets, answers = rng.choice(tree.leaves, (2, images))
    answers[: images // 2] = targets[: images // 2]
    folder.mkdir()
    (folder / "record.json").write_text("{}")
    save_taxonomy(tree, folder / "taxonomy.json")
    confidences = rng.uniform(size=images).astype(np.float32)
    np.savez(folder / "predictions.npz", targets=targets, answers=answers, confidences=confidences)
    return folder


def test_a_hundred_thousand_classes_are_drawn_in_part(tmp_path: Path) -> None:
    paths = [f"{a}/{b}/{c}" for a in range(20) for b in range(50) for c in range(100)]
    run = read_run_folder(write_answers(tmp_path / "deep", Taxonomy.from_paths(paths), 20_000))
    figures = {figure.name: figure for figure in describe(run)}
    (hierarchy,) = figures["tree"].panels
    assert isinstance(hierarchy, Hierarchy)
    assert len(hierarchy.tiles) == 1 + 20 + 1000 and hierarchy.shown_levels == 2
    assert "deeper or better labels left out" in figures["tree"].note
    assert len(render_page(run, list(figures.values()))) < 7_000_000


def test_many_classes_in_one_level(tmp_path: Path) -> None:
    tree = Taxonomy.from_paths([f"class {n}" for n in range(20_000)])
    run = read_run_folder(write_answers(tmp_path / "wide", tree, 20_000))
    figures = {figure.name: figure for figure in describe(run)}
    (hierarchy,) = figures["tree"].panels
    assert isinstance(hierarchy, Hierarchy) and len(hierarchy.tiles) == 3000
    (heatmap,) = figures["leakage"].panels
    assert len(heatmap.rows) == 50 and heatmap.rows[-1] == "19,951 others"
    assert figures["tree"].table.left_out > 0
    write_png(figures["tree"], tmp_path / "tree.png")


def test_images_known_only_to_an_inner_node(make_run) -> None:
    folder = make_run(images=200)
    with np.load(folder / "predictions.npz") as arrays:
        targets, probabilities = arrays["targets"], arrays["probabilities"]
    run = read_run_folder(folder)
    assert run.taxonomy is not None
    targets[:100] = run.taxonomy.ancestor_at(targets[:100], 1)
    targets[0] = 0  # nothing is known of this one: no answer is wrong
    np.savez(folder / "predictions.npz", targets=targets, probabilities=probabilities)
    names, _ = report(folder)
    assert {"tree", "confusions", "leakage"} <= names
    predictions = read_run_folder(folder).predictions
    assert predictions is not None and not predictions.wrong[0]


def test_a_chain_without_a_choice(make_run) -> None:
    names, _ = report(make_run(tree=Taxonomy.from_paths(["a/b/c/d/e"]), images=10), draw=True)
    assert not names & {"confusions", "surest_mistakes", "leakage"}
