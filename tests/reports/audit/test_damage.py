"""What was damaged is refused by its place; what is only missing is left out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from labeltree.errors import ModelFolderError, TaxonomyError
from labeltree.reports import write_report
from labeltree.reports.audit.folder import read_audit_folder
from labeltree.reports.audit.matrix import level_flows


def write_record(folder: Path, **record: Any) -> Path:
    (folder / "record.json").write_text(json.dumps({"kind": "audit", "name": "mine"} | record))
    return folder


@pytest.mark.parametrize(
    ("record", "place"),
    [
        ({"levels": [{"level": "kind"}]}, "'levels.0.depth'"),
        ({"levels": {"kind": {}}}, "'levels'"),
        ({"pairs": {"within": [{"a": "x", "b": "y"}]}}, "'pairs.within.0.a_as_b'"),
        ({"misfits": [{"path": "a"}]}, "'misfits.0.parent'"),
        ({"suspects": [{"image": "a.jpg", "index": "third"}]}, "'suspects.0.index'"),
        ({"accounting": [{"level": "kind", "total": "much"}]}, "'accounting.0.total'"),
        ({"notes": "none"}, "'notes'"),
    ],
)
def test_a_damaged_record(record: dict[str, Any], place: str, tmp_path: Path) -> None:
    with pytest.raises(ModelFolderError, match="record of the audit is damaged at") as error:
        write_report(write_record(tmp_path, **record))
    assert place in str(error.value) and "Run the audit again" in str(error.value)
    assert [path.name for path in tmp_path.iterdir()] == ["record.json"]


def test_a_damaged_tree(tmp_path: Path) -> None:
    (tmp_path / "taxonomy.json").write_text("{")
    with pytest.raises(TaxonomyError, match=r"taxonomy\.json"):
        write_report(write_record(tmp_path))


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("label,a,b\r\na,1\r\n", "line 2: 2 cells, expected 3, as in line 1"),
        ("label,a,b\r\na,1,2\r\nb,1,many\r\n", "line 3: 'many' where a number of images"),
        ("label,a\r\na,-1\r\n", "line 2: '-1' where"),
        ("from,to,images\r\na,b\r\n", "line 2: 2 cells, expected 3"),
        ("from,to,images\r\na,b,0.5\r\n", "line 2: '0.5' where"),
    ],
)
def test_a_damaged_table(table: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "leakage_kind.csv").write_text(table)
    level = {"level": "kind", "depth": 1, "leaked": 0.1, "file": "leakage_kind.csv"}
    with pytest.raises(ModelFolderError, match=r"leakage_kind\.csv is damaged at") as error:
        write_report(write_record(tmp_path, levels=[level]))
    assert words in str(error.value)


def test_a_table_in_another_encoding(tmp_path: Path) -> None:
    (tmp_path / "leakage_kind.csv").write_bytes("label,á\r\ná,1\r\n".encode("latin-1"))
    level = {"level": "kind", "depth": 1, "leaked": 0.1, "file": "leakage_kind.csv"}
    with pytest.raises(ModelFolderError, match=r"leakage_kind\.csv is damaged"):
        write_report(write_record(tmp_path, levels=[level]))


@pytest.mark.parametrize(
    "table",
    [
        "label,a,'=b,c\r\na,3,1,0\r\n'=b,0,4,0\r\nc,2,0,0\r\n",
        "from,to,images\r\na,a,3\r\na,'=b,1\r\n'=b,'=b,4\r\nc,a,2\r\n",
    ],
)
def test_both_kinds_of_tables_say_the_same(table: str, tmp_path: Path) -> None:
    (tmp_path / "leakage_kind.csv").write_text(table)
    level = {"level": "kind", "depth": 1, "leaked": 0.3, "file": "leakage_kind.csv"}
    audit = read_audit_folder(write_record(tmp_path, levels=[level]))
    flows = level_flows(audit, audit.record.levels[0])
    assert flows.names == ["a", "=b", "c"], "the apostrophe is for spreadsheets"
    assert flows.images.tolist() == [[3, 1, 0], [0, 4, 0], [2, 0, 0]]


def test_without_the_table_the_most_frequent_flows_are_drawn(make_audit) -> None:
    folder = make_audit()
    audit = read_audit_folder(folder)
    level = audit.record.levels[0]
    with_table = level_flows(audit, level)
    (folder / level.file).unlink()
    without = level_flows(audit, level)
    order = [without.names.index(name) for name in with_table.names]
    assert without.images[order][:, order].tolist() == with_table.images.tolist()


def test_damaged_thumbnails_are_as_good_as_none(make_audit, write_page) -> None:
    folder = make_audit(images=300)
    pictures = sorted((folder / "examples").iterdir())
    for path in pictures:
        path.write_bytes(b"no picture")
    assert read_audit_folder(folder).examples == {}
    write_page(folder)


@pytest.mark.parametrize("part", ["taxonomy.json", "examples", "misfits.csv"])
def test_a_part_that_is_missing(make_audit, write_page, part: str) -> None:
    folder = make_audit(images=300)
    (folder / part).rename(folder.parent / part)
    assert write_page(folder).is_file()
