"""Answers as CSV: each cell says one thing."""

import csv
import io

import pytest

from labeltree.cli.answers import print_answers
from labeltree.data.sources.cells import as_labels
from labeltree.decoding.answer import Answer
from labeltree.prediction import FileAnswer


def test_labels_in_csv_can_be_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    labels = (("a;b", 0.91), ('5" pipe', 0.5), ("c", 0.25))
    answer = Answer(1, (("a;b", 0.8),), (), "sure", labels)
    files = [
        FileAnswer("1.png", answer),
        FileAnswer("2.png", Answer(1, (("c", 0.8),), (), "sure")),
        FileAnswer("3.png", None, "3.png: no image"),
    ]
    assert print_answers(files, "csv") == (1, 3)
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["problem"] for row in rows] == ["", "", "3.png: no image"]
    found = as_labels(rows[0]["labels"], "/", "here")
    assert ["/".join(label) for label in found] == [path for path, _ in labels]
    assert rows[0]["presence"] == "0.91;0.5;0.25"
    assert [(row["labels"], row["presence"]) for row in rows[1:]] == [("", ""), ("", "")]


def test_a_spreadsheet_runs_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    answer = Answer(1, (("@dog", 0.5),), (), "=sure", (("+dog", 0.5),))
    print_answers(
        [FileAnswer("=1+1.png", answer), FileAnswer("-2.png", None, "-2.png: no image")], "csv"
    )
    first, second = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert (first["image"], first["answer"]) == ("'=1+1.png", "'@dog")
    assert (first["reason"], first["labels"], first["presence"]) == ("'=sure", "'+dog", "0.5")
    assert (first["probability"], first["depth"]) == ("0.5", "1")
    assert (second["image"], second["problem"]) == ("'-2.png", "'-2.png: no image")
