"""Confusion matrices beside a comparison: they read back as they were, whatever the labels."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix

from labeltree.comparison.confusion_files import write_confusion
from labeltree.reports.confusion_file import read_confusion_file
from labeltree.taxonomy import Taxonomy

FIVE = Taxonomy.from_paths(["dog/beagle", "cat", "dog/pug"])
BEAGLE, CAT, DOG, PUG = (FIVE.find(path) for path in ("dog/beagle", "cat", "dog", "dog/pug"))


def table(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def test_a_square_by_hand(tmp_path: Path) -> None:
    targets = np.array([BEAGLE, BEAGLE, BEAGLE, CAT, DOG, 0])
    answers = np.array([BEAGLE, PUG, PUG, BEAGLE, PUG, CAT])
    # Images of a dog of some breed, and of anything, are in no row.
    assert write_confusion(tmp_path / "c.csv", FIVE, targets, answers) == 4
    assert table(tmp_path / "c.csv") == [
        ["label", "dog/beagle", "dog/pug", "cat"],  # branch by branch
        ["dog/beagle", "1", "2", "0"],
        ["dog/pug", "0", "0", "0"],
        ["cat", "1", "0", "0"],
    ]


@pytest.mark.parametrize("classes", [12, 1000, 1001])
def test_it_reads_back(classes: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(classes)
    tree = Taxonomy.from_paths([f"={n % 7}/'{n}" if n % 3 else f"-{n}" for n in range(classes)])
    targets, answers = rng.choice(tree.leaves, (2, 500))
    assert write_confusion(tmp_path / "c.csv", tree, targets, answers) == 500
    assert (table(tmp_path / "c.csv")[0] == ["from", "to", "images"]) == (classes > 1000)
    found = read_confusion_file(tmp_path / "c.csv")
    # Also a class without an image has its place, in the order of the tree.
    assert found.paths == tuple(
        tree.paths[leaf] for leaf in sorted(tree.leaves.tolist(), key=tree.path_to)
    )
    read = {
        (found.paths[truth], found.paths[answer]): images
        for truth, answer, images in zip(*found[1:], strict=True)
    }
    pairs = zip(targets.tolist(), answers.tolist(), strict=True)
    assert read == Counter((tree.paths[truth], tree.paths[answer]) for truth, answer in pairs)


def test_a_square_is_that_of_scikit_learn(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    tree = Taxonomy.from_paths([f"{n // 4}/{n}" for n in range(20)])
    targets, answers = rng.choice(tree.leaves, (2, 300))
    write_confusion(tmp_path / "c.csv", tree, targets, answers)
    rows = [[int(cell) for cell in row[1:]] for row in table(tmp_path / "c.csv")[1:]]
    np.testing.assert_array_equal(rows, confusion_matrix(targets, answers, labels=tree.leaves))


def test_no_label_is_run_by_a_spreadsheet(tmp_path: Path) -> None:
    tree = Taxonomy.from_paths(["=1+1", "@sum"])
    write_confusion(tmp_path / "c.csv", tree, np.array([1]), np.array([2]))
    assert table(tmp_path / "c.csv") == [
        ["label", "'=1+1", "'@sum"], ["'=1+1", "0", "1"], ["'@sum", "0", "0"],
    ]  # fmt: skip
