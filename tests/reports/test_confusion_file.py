"""Tables of confusions: both kinds say the same, and what cannot be read is told by its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from labeltree.errors import ModelFolderError
from labeltree.reports.confusion_file import read_confusion_file


@pytest.mark.parametrize(
    "table",
    [
        "label,'=a,b/c,b/d\r\n'=a,3,1,0\r\nb/c,0,0,0\r\nb/d,2,0,4\r\n",
        "from,to,images\r\n'=a,'=a,3\r\n'=a,b/c,1\r\nb/c,b/c,0\r\nb/d,b/d,4\r\nb/d,'=a,2\r\n",
    ],
)
def test_both_kinds_say_the_same(table: str, tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text(table, encoding="utf-8")
    paths, *cells = read_confusion_file(tmp_path / "table.csv")
    assert paths == ("=a", "b/c", "b/d")
    assert set(zip(*cells, strict=True)) == {(0, 0, 3), (0, 1, 1), (2, 0, 2), (2, 2, 4)}


def test_a_label_that_is_only_an_answer_comes_last(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("from,to,images\na,z,1\nb,b,2\n")
    assert read_confusion_file(tmp_path / "table.csv").paths == ("a", "b", "z")


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("label,a,b\na,1\n", "line 2: 2 cells, expected 3, as in line 1"),
        ("label,a\na,x\n", "line 2: 'x' where a number of images"),
        ("from,to,images\na,b,1\na,b\n", "line 3: 2 cells, expected 3"),
        ("label,a,a/b\na,1,0\na/b,0,1\n", "'a' is a label, and above others"),
    ],
)
def test_damage(table: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text(table)
    with pytest.raises(ModelFolderError, match=r"table\.csv is damaged") as error:
        read_confusion_file(tmp_path / "table.csv")
    assert words in str(error.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelFolderError, match=r"table\.csv is missing"):
        read_confusion_file(tmp_path / "table.csv")
