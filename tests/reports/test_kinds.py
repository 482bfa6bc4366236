"""The record decides which report is written; one that cannot be read is one clear line."""

import json
from pathlib import Path

import pytest

from labeltree.errors import ModelFolderError
from labeltree.reports import write_report
from labeltree.reports.kinds import KINDS


def write_record(folder: Path, **record: object) -> Path:
    (folder / "record.json").write_text(json.dumps(record))
    return folder


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_page(kind: str, tmp_path: Path) -> None:
    page = write_report(write_record(tmp_path, format=1, kind=kind, name="mine"))
    assert page == tmp_path / "report.html"
    assert "<h1>mine</h1>" in page.read_text(encoding="utf-8")
    assert (tmp_path / "tables.md").exists() == (kind in ("study", "comparison"))


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ({"format": 2, "kind": "study"}, "has format 2; expected 1"),
        ({"format": "new", "kind": "train"}, "has format 'new'"),
        ({"kind": "studies"}, "kind 'studies', which has no report; did you mean 'study'"),
        ({"kind": ["study"]}, "has no report"),
    ],
)
def test_what_cannot_be_read(record: dict, words: str, tmp_path: Path) -> None:
    with pytest.raises(ModelFolderError, match=words):
        write_report(write_record(tmp_path, **record))
    assert [path.name for path in tmp_path.iterdir()] == ["record.json"]
