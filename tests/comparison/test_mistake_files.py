"""Wrong answers beside a comparison: all in the table, the surest with their pictures."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from labeltree.comparison.mistake_files import write_mistakes
from labeltree.reports.run.folder import RunFolder
from labeltree.reports.run.predictions import Predictions
from labeltree.taxonomy import Taxonomy

TREE = Taxonomy.from_paths(["cat", "dog/=beagle", "dog/pug"])
CAT, DOG, BEAGLE, PUG = 1, 2, 3, 4


def predictions(**more) -> Predictions:
    return Predictions(
        TREE,
        targets=np.array([CAT, BEAGLE, DOG, DOG, PUG]),
        answers=np.array([CAT, PUG, PUG, CAT, CAT]),
        confidences=np.array([0.99, 0.5, 0.98, 0.9, 0.71234], dtype=np.float32),
        **more,
    )


def run(examples: dict[int, Path] | None = None, *names: str) -> RunFolder:
    return RunFolder(Path("run"), {}, examples=examples or {}, names=names)


def table(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def thumbnails(folder: Path, *images: int) -> dict[int, Path]:
    folder.mkdir()
    for image in images:
        (folder / f"{image}.png").write_bytes(bytes([image]))
    return {image: folder / f"{image}.png" for image in images}


def test_a_table_by_hand(tmp_path: Path) -> None:
    truths = np.array([0.99, 0.125, 1, 0.1, 0.2], dtype=np.float32)
    found = write_mistakes(tmp_path / "m.csv", predictions(truths=truths), run(), tmp_path / "p")
    assert found == [] and not (tmp_path / "p").exists()
    # A pug is a right answer to a dog of some breed.
    assert table(tmp_path / "m.csv") == [
        ["test_image", "truth", "answer", "confidence", "truth_probability"],
        ["3", "dog", "cat", "0.9", "0.1"],
        ["4", "dog/pug", "cat", "0.7123", "0.2"],
        ["1", "dog/=beagle", "dog/pug", "0.5", "0.125"],
    ]


def test_without_probabilities_that_of_the_truth_is_not_known(tmp_path: Path) -> None:
    write_mistakes(tmp_path / "m.csv", predictions(), run(), tmp_path / "p")
    assert [row[4] for row in table(tmp_path / "m.csv")[1:]] == ["", "", ""]


def test_images_are_named_if_the_run_kept_their_names(tmp_path: Path) -> None:
    named = run({}, "a.png", "=b.png", "c.png", "dogs.parquet row 3", "e, f.png")
    write_mistakes(tmp_path / "m.csv", predictions(), named, tmp_path / "p")
    assert [[row[0], row[-1]] for row in table(tmp_path / "m.csv")] == [
        ["test_image", "image"],
        ["3", "dogs.parquet row 3"],
        ["4", "e, f.png"],
        ["1", "'=b.png"],
    ]


def test_pictures_are_copied(tmp_path: Path) -> None:
    examples = thumbnails(tmp_path / "run", 0, 1, 4)
    pictures = tmp_path / "out" / "examples" / "set_net"
    (tmp_path / "out").mkdir()
    found = write_mistakes(tmp_path / "out" / "m.csv", predictions(), run(examples), pictures)
    assert found == [
        {"image": 4, "truth": "dog/pug", "answer": "cat", "confidence": pytest.approx(0.71234),
         "picture": "examples/set_net/4.png"},
        {"image": 1, "truth": "dog/=beagle", "answer": "dog/pug", "confidence": 0.5,
         "picture": "examples/set_net/1.png"},
    ]  # fmt: skip
    assert {path.name: path.read_bytes() for path in pictures.iterdir()} == {
        "1.png": b"\x01", "4.png": b"\x04",
    }  # fmt: skip


def test_at_most_24_pictures_and_the_surest(tmp_path: Path) -> None:
    confidences = np.linspace(0.1, 0.9, 40)
    many = Predictions(TREE, np.full(40, CAT), np.full(40, PUG), confidences)
    examples = thumbnails(tmp_path / "run", *range(40))
    found = write_mistakes(tmp_path / "m.csv", many, run(examples), tmp_path / "p")
    assert [one["image"] for one in found] == list(range(39, 15, -1))
    assert len(table(tmp_path / "m.csv")) == 41


def test_no_label_is_run_by_a_spreadsheet(tmp_path: Path) -> None:
    tree = Taxonomy.from_paths(["=1+1", "-2"])
    wrong = Predictions(tree, np.array([1]), np.array([2]), np.array([0.5]))
    write_mistakes(tmp_path / "m.csv", wrong, run(), tmp_path / "p")
    assert table(tmp_path / "m.csv")[1][1:3] == ["'=1+1", "'-2"]
