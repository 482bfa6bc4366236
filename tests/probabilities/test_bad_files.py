"""Every mistake in a file of probabilities is one line that names the place."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from node_probabilities import levelwise

from labeltree.errors import DataError
from labeltree.probabilities import load_probabilities, save_probabilities
from labeltree.taxonomy import Taxonomy

PETS = Taxonomy.from_paths(
    ["cat/manx", "cat/other", "dog/beagle", "dog/other"], level_names=["kind", "breed"]
)
LEAVES = {
    "cat/manx": [1.0, 0.1],
    "cat/other": [0.0, 0.2],
    "beagle": [0, 0.3],
    "dog/other": [0, 0.4],
}
KINDS = {"cat": [0.5, 0.5], "dog": [0.5, 0.5]}


def refusal(path: Path, taxonomy: Taxonomy | None = PETS, **options: Any) -> str:
    with pytest.raises(DataError) as caught:
        load_probabilities(path, taxonomy, **options)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert "\n" not in message
    return message.removeprefix(f"{path}: ")


def write_parquet(folder: Path, columns: dict[str, Any]) -> Path:
    pq.write_table(pa.table(columns), folder / "p.parquet")
    return folder / "p.parquet"


def write_npz(folder: Path, **arrays: Any) -> Path:
    np.savez(folder / "p.npz", **{key: np.array(value) for key, value in arrays.items()})
    return folder / "p.npz"


COLUMNS: dict[str, tuple[dict[str, Any], str]] = {
    "a sum": (
        {**LEAVES, "beagle": [0.0, 0.1]},
        r"row 1, level 'breed' \(4 columns, 'cat/manx' … 'dog/other'\): sums to 0.8, expected 1",
    ),
    "the sum of a level": ({**LEAVES, "cat": [0.5, 0.5], "dog": [0.5, 0.7]}, "row 1, level 'kind'"),
    "negative": (
        {**LEAVES, "beagle": [0, -0.25]},
        r"row 1, column 'beagle': -0.25 is negative; if these are logits, take the softmax",
    ),
    "above 1": (
        {**LEAVES, "beagle": [7.0, 9.0]},
        r"row 0, column 'beagle': 7 is above 1; .*softmax first \(1 more such values\)",
    ),
    "nan": ({**LEAVES, "cat/other": [float("nan"), 0.2]}, "row 0, column 'cat/other': nan is no"),
    "infinite": ({**LEAVES, "cat/other": [0.0, 1e300]}, "row 1, column 'cat/other': inf is no"),
    "null": ({**LEAVES, "cat/other": [0.0, None]}, "row 1, column 'cat/other': nan is no"),
    "an unknown name": (
        {**LEAVES, "dog/beegle": [0.0, 0.0]},
        "column 'dog/beegle' is not in the taxonomy; did you mean 'dog/beagle'",
    ),
    "two meanings": (
        {**LEAVES, "other": [0.0, 0.0]},
        "column 'other' could be 'cat/other' or 'dog/other'; give the whole path",
    ),
    "twice": (
        {**LEAVES, "dog/beagle": [0.0, 0.0]},
        "columns 'beagle' and 'dog/beagle' are both of node 'dog/beagle'; keep one",
    ),
    "no name": ({**LEAVES, "": [0.0, 0.0]}, "a column has no name"),
    "a missing leaf": (
        {key: value for key, value in LEAVES.items() if key != "dog/other"},
        "no column for 'dog/other' of 4 leaves",
    ),
    "coarse alone": (KINDS, "no column for 'cat/manx', 'cat/other', 'dog/beagle' and 1 more of 4"),
    "half a level": (
        {**LEAVES, "cat": [1.0, 0.3]},
        "level 'kind' is there in part: no column for 'dog'; expected all its 2 inner labels",
    ),
    "numbers of another type": (
        {**LEAVES, "beagle": [0, 1]},
        "column 'beagle' has type int64; expected floating point",
    ),
    "a stray column": ({**LEAVES, "split": ["a", "b"]}, "column 'split' has type string; .* drop"),
    "targets as numbers": (
        {**LEAVES, "target": [0, 1]},
        r"column 'target' has type int64; .*names\[tar",
    ),
    "an unknown target": (
        {**LEAVES, "target": ["dog", "dog/pag"]},
        "row 1: target 'dog/pag' is not in the taxonomy",
    ),
    "no row": ({key: pa.array([], "float32") for key in LEAVES}, "has no row"),
    "no column": ({"name": ["a", "b"]}, "has no column of probabilities"),
}


@pytest.mark.parametrize(("columns", "message"), COLUMNS.values(), ids=COLUMNS)
def test_parquet(columns: dict[str, Any], message: str, tmp_path: Path) -> None:
    assert re.match(message, refusal(write_parquet(tmp_path, columns)))


NAMES = list(LEAVES)
VALUES = np.array(list(LEAVES.values())).T
ARRAYS: dict[str, tuple[dict[str, Any], str]] = {
    "too few names": (
        {"probabilities": VALUES, "names": NAMES[1:]},
        "array 'probabilities' has 4 columns and 'names' has 3 names; expected one name per column",
    ),
    "no names": ({"fine": VALUES}, r"array 'fine' \(2, 4\) has no names; add 'fine_names'"),
    "pickled names": (
        {"probabilities": VALUES, "names": np.array(NAMES, dtype=object)},
        r"holds pickled objects, which are never opened; write names as text \(np.array",
    ),
    "names that are numbers": ({"fine": VALUES, "fine_names": [1, 2, 3, 4]}, "array 'fine_names' "),
    "an array more": (
        {"probabilities": VALUES, "names": NAMES, "split": [1, 2]},
        r"array 'split' of type int64 and shape \(2,\) is not known; expected 'probabilities'",
    ),
    "integers": (
        {"fine": VALUES.astype(int), "fine_names": NAMES},
        "array 'fine' has type int64; expected probabilities as float16, float32 or float64",
    ),
    "levels of two lengths": (
        {"a": VALUES, "a_names": NAMES, "coarse": VALUES[:1, :2], "coarse_names": ["cat", "dog"]},
        "array 'coarse' has 1 rows, another one 2",
    ),
    "targets for other rows": (
        {"fine": VALUES, "fine_names": NAMES, "target": ["cat"]},
        "1 targets for 2 rows of probabilities; expected one for each",
    ),
    "names for other rows": ({"fine": VALUES, "fine_names": NAMES, "name": ["a"]}, "1 names for 2"),
    "one row without its brackets": (
        {"probabilities": VALUES[0], "names": NAMES},
        r"array 'probabilities' of type float64 and shape \(4,\) is not known",
    ),
    "nothing": ({"name": ["a"]}, "holds no probabilities; expected"),
    "negative": (
        {"fine": -VALUES, "fine_names": NAMES},
        r"row 0, column 'cat/manx': -1 is negative",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("arrays", "message"), ARRAYS.values(), ids=ARRAYS)
def test_npz(arrays: dict[str, Any], message: str, tmp_path: Path) -> None:
    assert re.match(message, refusal(write_npz(tmp_path, **arrays)))


def test_bare_names_tell_no_tree(tmp_path: Path) -> None:
    path = write_parquet(tmp_path, {"cat": [0.5], "pug": [0.5]})
    assert "give the taxonomy (--taxonomy FILE)" in refusal(path, None)
    path = write_parquet(tmp_path, {"cat/a": [0.5], "pug//x": [0.5]})
    assert "its columns make no tree: a label has no name" in refusal(path, None)


def test_labels_that_are_not_exclusive_still_lie_between_0_and_1(tmp_path: Path) -> None:
    path = write_parquet(tmp_path, {**LEAVES, "beagle": [0.0, 1.5]})
    assert "row 1, column 'beagle': 1.5 is above 1" in refusal(path, exclusive=False)


def saved(folder: Path, ending: str) -> Path:
    path = folder / f"own{ending}"
    values = levelwise(PETS, 3, seed=0)
    save_probabilities(path, PETS, values, np.array([3, 4, 5]), answers=np.full((3, 2), 1))
    return path


@pytest.mark.parametrize("ending", [".npz", ".parquet"])
def test_damaged_files(ending: str, tmp_path: Path) -> None:
    whole = saved(tmp_path, ending).read_bytes()
    path = tmp_path / f"cut{ending}"
    for damaged in (b"", b"no such format", whole[: len(whole) // 2], whole[100:]):
        path.write_bytes(damaged)
        assert re.match("no readable|holds pickled objects", refusal(path))
    for place in range(0, len(whole), len(whole) // 40):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        try:  # where only padding was hit, the file is still good
            load_probabilities(path, PETS)
        except DataError as error:
            assert "\n" not in str(error)


def test_a_single_array_and_a_pickle(tmp_path: Path) -> None:
    np.save(tmp_path / "p.npy", VALUES)
    path = (tmp_path / "p.npy").rename(tmp_path / "p.npz")
    assert "a single array without names" in refusal(path)
    np.save(tmp_path / "p.npy", np.array(NAMES, dtype=object))
    path = (tmp_path / "p.npy").rename(tmp_path / "p.npz")
    assert "never opened" in refusal(path)


def npy(array: Any) -> bytes:
    """A file of one array; of a shape alone, its header without the values."""
    file = io.BytesIO()
    if isinstance(array, tuple):
        header = {"descr": "<f8", "fortran_order": False, "shape": array}
        np.lib.format.write_array_header_2_0(file, header)
    else:
        np.save(file, array)
    return file.getvalue()


@pytest.mark.parametrize(
    ("member", "content", "message"),
    [
        ("readme.txt", b"hello", "'readme.txt' in it is no array; write it with np.savez"),
        ("fine.npy", npy((10**9, 10**6)), "its arrays do not fit in memory"),
        ("fine.npy", npy((-5, 4)), "no readable npz file .negative dimensions"),
        ("fine.npy", npy((10**12, 10**12)), "no readable npz file .array is too big"),
    ],
)
def test_archives_that_numpy_did_not_write(
    member: str, content: bytes, message: str, tmp_path: Path
) -> None:
    with ZipFile(tmp_path / "p.npz", "w") as archive:
        archive.writestr("names.npy", npy(np.array(NAMES)))
        archive.writestr(member, content)
    assert re.match(message, refusal(tmp_path / "p.npz"))


def test_two_parquet_columns_of_one_name(tmp_path: Path) -> None:
    values = [pa.array([0.5])] * 3
    pq.write_table(pa.table(values, names=["cat/a", "cat/b", "cat/a"]), tmp_path / "p.parquet")
    assert refusal(tmp_path / "p.parquet", None) == "two columns are called 'cat/a'; keep one"


OWN: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "version": (lambda a: a.update(labeltree_probabilities=np.array(2)), "layout 2 of node prob"),
    "a part": (lambda a: a.pop("level_names"), "damaged .it lacks 'level_names'"),
    "a type": (lambda a: a.update(targets=np.zeros(3)), "damaged .targets have type float64"),
    "targets": (lambda a: a.update(targets=np.full(3, 9)), "damaged .targets outside 0 … 6"),
    "order": (lambda a: a.update(paths=a["paths"][::-1]), "damaged .paths are not in breadth-fir"),
    "columns": (
        lambda a: a.update(probabilities=a["probabilities"][:, 1:]),
        "6 column names for 5 columns of probabilities",
    ),
    "levels": (lambda a: a.update(level_names=a["level_names"][:1]), "damaged .1 level names for"),
}


@pytest.mark.parametrize(("change", "message"), OWN.values(), ids=OWN)
def test_own_files_are_checked_too(
    change: Callable[[dict[str, Any]], Any], message: str, tmp_path: Path
) -> None:
    path = saved(tmp_path, ".npz")
    with np.load(path, allow_pickle=False) as stored:
        arrays = dict(stored)
    change(arrays)
    np.savez(path, **arrays)
    assert re.match(message, refusal(path))


def test_own_files_of_another_tree(tmp_path: Path) -> None:
    path = saved(tmp_path, ".npz")
    other = Taxonomy.from_paths(["cat/manx", "dog/beagle"])
    assert "column 'cat/other' is not in the taxonomy" in refusal(path, other)


def test_paths_that_are_no_such_files(tmp_path: Path) -> None:
    assert refusal(tmp_path / "p.npz").startswith("no such file")
    (tmp_path / "p.csv").touch()
    assert (
        refusal(tmp_path / "p.csv") == "no reader for this kind of file; expected .npz or .parquet"
    )
    with pytest.raises(DataError, match=r"name it .npz or .parquet"):
        save_probabilities(tmp_path / "p.csv", PETS, levelwise(PETS, 1, seed=0))


def test_a_label_called_like_another_column_is_refused_by_parquet_alone(tmp_path: Path) -> None:
    tree = Taxonomy.from_paths(["a/x", "name"])
    values = levelwise(tree, 1, seed=0)
    save_probabilities(tmp_path / "p.npz", tree, values, names=["1.png"])
    assert load_probabilities(tmp_path / "p.npz").taxonomy == tree
    with pytest.raises(DataError, match="label 'name' has the name of another column"):
        save_probabilities(tmp_path / "p.parquet", tree, values, names=["1.png"])
    assert [file.name for file in tmp_path.iterdir()] == ["p.npz"]
