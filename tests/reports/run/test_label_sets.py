"""The figures of images with several labels: console table, page, and where they are not known."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from labeltree.metrics import LABEL_SET_ANSWER_METRICS, LABEL_SET_METRICS, label_set_summary
from labeltree.reports import results_table
from labeltree.reports.run.folder import RunFolder
from labeltree.reports.run.headline import key_numbers, sentences
from labeltree.reports.run.label_sets import SCORES, label_set_rows, label_set_sentence
from labeltree.taxonomy import Taxonomy

TREE = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
PRESENCE = np.array([[0.1, 0.9, 0.4], [0.7, 0.3, 0.2]])
SETS = np.array([[3, 4], [1, -1]])  # a puggle, a cat

RECORD: dict[str, Any] = {
    "test": {
        "images": 2,
        "levels": [
            {"level": "kind", "images": 2, "top1": 1.0, "low": 0.3, "high": 1.0, "top5": 1.0},
            {"level": "breed", "images": 0, "top1": None, "low": 0.0, "high": 1.0, "top5": None},
        ],
    },
    "label_sets": {"test": label_set_summary(TREE, PRESENCE, PRESENCE > 0.5, SETS)},
}


def test_only_figures_that_are_measured_are_named() -> None:
    known = {"labels_per_image", *LABEL_SET_METRICS, *LABEL_SET_ANSWER_METRICS}
    assert set(SCORES) <= known


def test_the_console_shows_them_and_no_level_that_no_label_reaches() -> None:
    console = Console(width=100)
    with console.capture() as capture:
        console.print(results_table(RECORD))
    lines = [" ".join(line.split()) for line in capture.get().replace("\u202f", "").splitlines()]
    assert "kind 100.0% 30.0% – 100.0% 100.0% 2" in lines
    assert not any(line.startswith("breed") for line in lines)
    # Beagle is answered for the puggle: F1 2/3; the cat is right.
    for shown in ("labels of an image 1.50", "F1 of an image's labels 83.3%"):
        assert shown in lines
    assert label_set_rows({}, "test") == label_set_rows(RECORD, "validation") == []


def test_the_page_says_how_many_have_all_their_labels_found() -> None:
    run = RunFolder(Path(), RECORD)
    told = [sentence.replace("\u202f", " ") for sentence in sentences(run)]
    assert told == [
        "Of 2 test images, 100.0 % get the right kind.",
        "Of 2 images with 1.5 labels on average, 100.0 % have all of them among the five surest "
        "labels, 100.0 % at least one.",
    ]
    assert "all labels in the top 5" in [number.name for number in key_numbers(run)]


def test_one_label_is_told_by_the_levels_alone() -> None:
    record = deepcopy(RECORD)
    record["label_sets"]["test"]["labels_per_image"] = 1.0
    assert label_set_sentence(record, "test") == ""
    assert label_set_rows(record, "test")


def test_a_level_that_fewer_images_decide_says_how_many() -> None:
    record = deepcopy(RECORD)
    record["test"]["levels"][0]["images"] = 1
    run = RunFolder(Path(), record)
    assert "the right kind (of 1 that have one)." in sentences(run)[0]
