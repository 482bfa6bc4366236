"""What became of old images, and sets of labels: made up, and checked by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from labeltree.errors import ModelFolderError
from labeltree.reports.charts import Bars, Changes, Figure
from labeltree.reports.run.figures import RUN_FIGURES
from labeltree.reports.run.folder import RunFolder
from labeltree.reports.still import write_png


def row(path: str, before: float | None, after: float | None, images: int = 20) -> dict[str, Any]:
    return {
        "path": path,
        "images": images,
        "before": {"top1": before, "top5": 0.9},
        "after": {"top1": after, "top5": 0.8},
    }


def figure_of(name: str, **record: Any) -> Figure:
    figure = RUN_FIGURES[name](RunFolder(Path("run"), record))
    assert figure is not None and figure.name == name
    return figure


def said(text: str) -> str:
    return text.replace("\u202f", " ")


BRANCHES = [row("cat", 0.5, 0.6, 100), row("dog", 0.9, 0.55), row("owl", 0.7, 0.7)]
CLASSES = [row("cat", 0.5, 0.6), row("dog/pug", 0.9, 0.4), row("dog/beagle", 0.9, 0.7)]


def test_branches_by_what_they_lost() -> None:
    original = {"test": row("", 0.7, 0.62, 140), "branches": BRANCHES, "classes": CLASSES}
    figure = figure_of("original", original=original)
    branches, classes = figure.panels
    assert isinstance(branches, Changes) and isinstance(classes, Changes)
    assert [(one.label, one.before, one.after, one.text) for one in branches.rows] == [
        ("dog", 0.9, 0.55, "−35.0"),
        ("owl", 0.7, 0.7, "0.0"),
        ("cat", 0.5, 0.6, "+10.0"),
    ]
    assert [one.label for one in classes.rows] == ["dog/pug", "dog/beagle", "cat"]
    assert said(figure.lead) == (
        "Of the 140 old test images, 62.0 % are answered rightly, 70.0 % before (−8.0 points); "
        "within five answers 80.0 %, 90.0 % before. 1 of 3 branches lost, dog most: −35.0 points."
    )
    assert figure.note.endswith("in the smallest row, one of 20 images is 5.0 points.")
    assert [row[:2] for row in figure.table.rows] == [
        ("branch", "dog"), ("branch", "owl"), ("branch", "cat"),
        ("class", "dog/pug"), ("class", "dog/beagle"), ("class", "cat"),
    ]  # fmt: skip
    assert [said(cell) for cell in figure.table.rows[0][2:]] == [
        "20", "90.0 %", "55.0 %", "−35.0", "90.0 %", "80.0 %", "−10.0",
    ]  # fmt: skip


def test_a_tree_of_one_level_is_drawn_once() -> None:
    figure = figure_of("original", original={"branches": BRANCHES, "classes": BRANCHES})
    assert len(figure.panels) == 1 and len(figure.table.rows) == 3
    assert figure.lead.startswith("1 of 3 branches")


@pytest.mark.parametrize(
    ("step", "told"), [(-1, "269 of which lost less"), (1, "none of which lost anything")]
)
def test_of_many_branches_the_worst_are_drawn(step: int, told: str, tmp_path: Path) -> None:
    rows = [row(f"branch {n}", 0.5, 0.5 + step * n / 1000) for n in range(300)]
    classes = [row(f"class {n}", 0.5, 0.5 + (-1) ** n * n / 10_000) for n in range(3000)]
    figure = figure_of("original", original={"branches": rows, "classes": classes})
    branches, most = figure.panels
    assert isinstance(branches, Changes) and isinstance(most, Changes)
    assert len(branches.rows) == 30 and len(most.rows) == 20
    first = 299 if step < 0 else 0
    assert [one.label for one in branches.rows] == [f"branch {first + step * n}" for n in range(30)]
    assert most.rows[0].label == "class 2999" and most.rows[-1].label == "class 2998"
    assert f"270 more branches are in the table only, {told}." in figure.note
    assert len(figure.table.rows) == 300 + 300 and figure.table.left_out == 2700
    write_png(figure, tmp_path / "original.png")


@pytest.mark.parametrize(
    "original",
    [
        {},
        {"branches": []},
        {"branches": [row("cat", None, 0.5), row("dog", float("nan"), 0.1)]},
        {"test": row("", 0.5, 0.5)},
    ],
)
def test_nothing_to_compare(original: dict[str, Any]) -> None:
    assert RUN_FIGURES["original"](RunFolder(Path("run"), {"original": original})) is None


def test_no_branch_lost() -> None:
    figure = figure_of("original", original={"branches": [row("cat", 0.5, 0.5)]})
    assert figure.lead == "No branch has lost anything."
    figure = figure_of("original", original={"branches": [row("cat", 0.5, 0.4)]})
    assert figure.lead == "The only branch, cat, lost 10.0 points."


@pytest.mark.parametrize("record", [{"original": 3}, {"original": {"branches": [{"path": []}]}}])
def test_damage_is_said_to_be(record: dict[str, Any]) -> None:
    with pytest.raises(ModelFolderError, match="record of the run is damaged at 'original"):
        RUN_FIGURES["original"](RunFolder(Path("run"), record))
    with pytest.raises(ModelFolderError, match="is damaged at 'label_sets"):
        RUN_FIGURES["label_sets"](RunFolder(Path("run"), {"label_sets": {"test": 3}}))


def sets(share: float, labels: float = 2.0) -> dict[str, Any]:
    tops = {f"{kind}_in_top{k}": share / k for kind in ("all", "any") for k in (1, 5)}
    answered = dict.fromkeys(("map", "label_f1", "micro_f1", "example_f1", "exact"), share)
    return {"images": 50, "labels_per_image": labels, **tops, **answered}


def test_sets_on_each_split() -> None:
    before = {**sets(0.2), "map": None}
    figure = figure_of(
        "label_sets", label_sets={"validation": sets(0.6), "test": sets(0.5), "test_before": before}
    )
    (bars,) = figure.panels
    assert isinstance(bars, Bars)
    assert [(one.name, one.shape) for one in bars.series] == [
        ("test images", "bar"),
        ("validation images", "circle"),
        ("test images, before these labels were learned", "diamond"),
    ]
    values = [dict(zip(bars.categories, one.values, strict=True)) for one in bars.series]
    assert [one["all of them in the top 5"] for one in values] == [0.1, 0.12, 0.04]
    assert np.isnan(values[2]["mean average precision (mAP)"])
    assert len(bars.categories) == 9
    assert said(figure.lead) == (
        "Of 50 test images (2 labels each), 10.0 % have all of them among the five surest and "
        "50.0 % are answered with exactly them."
    )
    assert figure.table.rows[1] == ("labels of an image", "2.00", "2.00", "2.00")
    assert said(figure.table.rows[-1][3]) == "20.0 %"


def test_one_label_each_is_all_of_them() -> None:
    figure = figure_of("label_sets", label_sets={"test": sets(0.5, 1.0), "validation": None})
    (bars,) = figure.panels
    assert isinstance(bars, Bars) and len(bars.series) == 1
    assert not any(name.startswith("any") for name in bars.categories)
    assert "(1 label each)" in figure.lead
    figure = figure_of("label_sets", label_sets={"test": sets(0.5, 1.25)})
    assert "(1.25 labels on average)" in figure.lead


def test_nothing_was_measured() -> None:
    nothing = {"images": 0, "labels_per_image": None, "map": None, "exact": float("nan")}
    run = RunFolder(Path("run"), {"label_sets": {"test": nothing}})
    assert RUN_FIGURES["label_sets"](run) is None
