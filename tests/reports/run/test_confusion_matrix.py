"""The confusion matrix of a run."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from labeltree.reports.charts import ConfusionMatrices, Figure
from labeltree.reports.run.figures.confusion_matrix import confusion_matrix
from labeltree.reports.run.folder import RunFolder
from labeltree.reports.run.predictions import Predictions
from labeltree.taxonomy import Taxonomy

FIVE = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
CAT, DOG, BEAGLE, PUG = (FIVE.find(path) for path in ("cat", "dog", "dog/beagle", "dog/pug"))


def figure_of(targets: list[int], answers: list[int], tree: Taxonomy = FIVE) -> Figure | None:
    sure = np.full(len(targets), 0.5)
    found = Predictions(tree, np.array(targets), np.array(answers), sure)
    return confusion_matrix(RunFolder(Path("run"), {}, tree, found))


def plain(text: str) -> str:
    return text.replace("\u202f", " ")


def test_by_hand() -> None:
    figure = figure_of([CAT, BEAGLE, BEAGLE, BEAGLE, PUG, DOG], [CAT, PUG, PUG, CAT, PUG, PUG])
    assert figure is not None
    (chart,) = figure.panels
    assert isinstance(chart, ConfusionMatrices)
    (matrix,) = chart.matrices
    assert matrix.paths == ("cat", "dog/beagle", "dog/pug")
    cells = set(zip(matrix.truths, matrix.answers, matrix.images, strict=True))
    assert cells == {(0, 0, 1), (1, 2, 2), (1, 0, 1), (2, 2, 1)}
    assert plain(figure.lead) == (
        "2 of 5 test images (40.0 %) stand on the diagonal: they got their own class. "
        "Of the 3 others, 2 stay in their top-level branch."
    )
    assert "1 image of no certain class" in figure.note
    assert [[plain(cell) for cell in row] for row in figure.table.rows] == [
        ["dog/beagle", "dog/pug", "2", "66.7 %"],
        ["dog/beagle", "cat", "1", "33.3 %"],
    ]


def test_branches_are_told_of_where_there_are_some() -> None:
    flat = Taxonomy.from_paths(["a", "b", "c"])
    figure = figure_of([1, 2], [2, 2], flat)
    assert figure is not None and "branch" not in figure.lead and "left out" not in figure.note


def test_where_there_is_nothing_to_see() -> None:
    assert figure_of([CAT, PUG], [CAT, PUG]) is None, "no mistake"
    assert figure_of([DOG], [CAT]) is None, "no image of a certain class"
    assert figure_of([1, 2], [2, 1], Taxonomy.from_paths(["a", "b"])) is None, "two classes"
