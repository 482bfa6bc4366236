"""Files whole or not at all, also when several processes write the same one."""

import errno
import os
from pathlib import Path

import pytest

from labeltree.writing import whole_file, write_text


def test_the_name_points_at_the_old_file_until_the_new_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "état [1].txt"
    write_text(path, "old")
    with whole_file(path) as unfinished:
        unfinished.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a"
    write_text(path, "old")
    with pytest.raises(KeyboardInterrupt), whole_file(path) as unfinished:
        unfinished.write_text("half")
        raise KeyboardInterrupt
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_two_writers_do_not_meet(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with whole_file(path) as one, whole_file(path) as other:
        one.write_text("one")
        other.write_text("other")
    assert path.read_text() == "one"  # the last to finish
    assert list(tmp_path.iterdir()) == [path]


def test_what_killed_writers_left_is_removed_later(tmp_path: Path) -> None:
    path, other = tmp_path / "a", tmp_path / "b"
    old, young, of_other = tmp_path / ".a.1.writing", tmp_path / ".a.2.writing", ".b.1.writing"
    for file in (old, young, tmp_path / of_other):
        file.write_text("half")
    for file in (old, tmp_path / of_other):
        os.utime(file, (0, 0))
    write_text(path, "whole")
    assert {file.name for file in tmp_path.iterdir()} == {"a", young.name, of_other}
    write_text(other, "whole")
    assert not (tmp_path / of_other).exists()


def test_errors_name_the_file_that_was_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "no folder" / "a"
    with pytest.raises(FileNotFoundError) as missing:
        write_text(path, "x")
    with pytest.raises(OSError, match="No space") as full, whole_file(tmp_path / "b"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert (missing.value.filename, full.value.filename) == (str(path), str(tmp_path / "b"))
    assert full.value.errno == errno.ENOSPC


@pytest.mark.parametrize(
    "other", [OSError(errno.ECONNRESET, "reset"), OSError(errno.EACCES, "no", "c"), OSError("odd")]
)
def test_errors_of_others_stay_theirs(tmp_path: Path, other: OSError) -> None:
    with pytest.raises(OSError) as raised, whole_file(tmp_path / "b"):
        raise other
    assert raised.value is other
