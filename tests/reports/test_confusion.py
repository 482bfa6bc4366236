"""Confusion matrices as the reader gets them: in order, in branches that can be read, all there."""

from __future__ import annotations

import json
from itertools import accumulate
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeltree.reports.charts import Confusion, ConfusionMatrices
from labeltree.reports.confusion import ClassTree, cells_table, drawn, page_data
from labeltree.reports.confusion.drawn import MOST_CLASSES
from labeltree.reports.confusion.folding import folded
from labeltree.reports.confusion.order import confused_together
from labeltree.reports.confusion.tree import WIDEST

NONE = np.zeros(0, dtype=np.int64)


def matrix(paths: tuple[str, ...], *cells: tuple[int, int, int], keys: tuple = ()) -> Confusion:
    truths, answers, images = zip(*cells, strict=True) if cells else ((), (), ())
    return Confusion(keys, paths, truths, answers, images)


def unpacked(data: dict[str, Any], number: int = 0) -> dict[tuple[str, str], int]:
    """What the page's script reads: images by the paths of truth and answer."""
    one = data["matrices"][number]
    leaves = leaf_paths(data["trees"][one["tree"]])
    codes = accumulate(one["steps"])
    return {
        (leaves[code // len(leaves)], leaves[code % len(leaves)]): images
        for code, images in zip(codes, one["images"], strict=True)
    }


def leaf_paths(tree: dict[str, Any]) -> list[str]:
    """Names on the way from the root; ranges are no part of a path."""
    way: list[str | None] = []
    found = []
    depths = [*tree["depths"], 0]
    for at, name in enumerate(tree["names"]):
        way[depths[at] :] = [name]
        if depths[at + 1] <= depths[at]:
            found.append("/".join(filter(None, way)))
    return found


def test_a_tree_by_hand() -> None:
    paths = ("cat", "dog/hound/beagle", "dog/hound/basset", "dog/pug", "bird/owl/snowy")
    tree = ClassTree.of(paths)
    # "bird" has one class: there is nothing to open.
    assert tree.names == ("", "cat", "dog", "hound", "beagle", "basset", "pug", "bird/owl/snowy")
    assert tree.depths == (0, 1, 1, 2, 3, 3, 2, 1)
    assert tree.leaves == (0, 1, 2, 3, 4)
    assert tree.top() == [(1, 1), (2, 3), (7, 1)]


def test_a_root_with_one_branch_is_that_branch() -> None:
    tree = ClassTree.of(["animal/dog/beagle", "animal/dog/pug"])
    assert (tree.names, tree.depths) == (("animal/dog", "beagle", "pug"), (0, 1, 1))


@pytest.mark.parametrize(
    ("classes", "ranges"), [(40, 0), (41, 7), (100, 10), (1000, 32), (1600, 40), (1601, 12)]
)
def test_ranges_are_as_wide_as_they_are_many(classes: int, ranges: int) -> None:
    tree = ClassTree.of([f"class {n}" for n in range(classes)])
    top = tree.top()
    assert len(top) == (ranges or classes)
    assert sum(size for _, size in top) == classes
    assert max(size for _, size in top) - min(size for _, size in top) <= 1
    assert tree.leaves == tuple(range(classes))


def test_very_many_stand_in_ranges_of_ranges() -> None:
    tree = ClassTree.of([f"c{n}" for n in range(1601)])
    assert max(tree.depths) == 3 and tree.names[1:4] == (None, None, "c0")


NAME = st.text("ab", min_size=1, max_size=2)
PATHS = st.lists(
    st.lists(NAME, min_size=1, max_size=3).map("/".join), min_size=1, max_size=60, unique=True
).map(lambda paths: [p for p in paths if not any(q.startswith(f"{p}/") for q in paths)])


@given(PATHS, st.integers(0, 50))
def test_every_class_is_once_in_the_tree(paths: list[str], wide: int) -> None:
    paths = [*paths, *(f"wide/{n}" for n in range(wide))]
    tree = ClassTree.of(paths)
    seen = leaf_paths({"names": tree.names, "depths": tree.depths})
    assert [paths[place] for place in tree.leaves] == seen
    assert sorted(tree.leaves) == list(range(len(paths)))
    children = [0] * len(tree.names)
    way: list[int] = []
    for node, depth in enumerate(tree.depths):
        if depth:
            children[way[depth - 1]] += 1
        way[depth:] = [node]
    assert max(children) <= WIDEST
    assert 1 not in children[1:], "there is always something to choose from"


@given(
    st.lists(
        st.tuples(st.integers(0, 49), st.integers(0, 49), st.integers(1, 9)),
        unique_by=lambda cell: cell[:2],
    ),
    st.booleans(),
)
def test_the_page_has_every_cell(cells: list[tuple[int, int, int]], flat: bool) -> None:
    paths = tuple(f"{n}" if flat else f"{n % 3}/{n}" for n in range(50))
    data = json.loads(json.dumps(page_data(ConfusionMatrices((matrix(paths, *cells),)))))
    assert unpacked(data) == {(paths[t], paths[a]): images for t, a, images in cells}


def test_a_taxonomy_is_there_once() -> None:
    dogs, digits = ("beagle", "pug"), tuple("0123")
    chart = ConfusionMatrices(
        (
            matrix(dogs, (0, 1, 2), keys=("dogs", "a")),
            matrix(digits, (3, 1, 5), keys=("digits", "a")),
            matrix(dogs, (1, 1, 4), keys=("dogs", "b")),
        ),
        ("data set", "network"),
    )
    data = page_data(chart)
    assert [one["tree"] for one in data["matrices"]] == [0, 1, 0]
    assert [one["keys"] for one in data["matrices"]] == [
        ["dogs", "a"],
        ["digits", "a"],
        ["dogs", "b"],
    ]
    assert unpacked(data, 1) == {("3", "1"): 5} and unpacked(data, 2) == {("pug", "pug"): 4}


def test_confused_classes_stand_together() -> None:
    # Pairs (0, 3), (1, 4), (2, 5) are confused in both directions, and pairs among themselves less.
    pairs = [(0, 3), (3, 0), (1, 4), (4, 1), (2, 5), (5, 2)]
    truths, answers = (np.array([*side, *range(6)]) for side in zip(*pairs, strict=True))
    order = confused_together(6, truths, answers, np.array([4] * 6 + [6] * 6)).tolist()
    places = {name: place for place, name in enumerate(order)}
    assert all(abs(places[a] - places[b]) == 1 for a, b in pairs)
    assert sorted(order) == list(range(6))


def test_only_many_classes_without_a_tree_are_put_in_order() -> None:
    few, many = tuple("012"), tuple(f"{n}" for n in range(60))
    swap = [(n, (n + 30) % 60, 1) for n in range(60)]
    assert leaf_paths(page_data(ConfusionMatrices((matrix(few, (0, 2, 5)),)))["trees"][0]) == [*few]
    shown = drawn(ConfusionMatrices((matrix(many, *swap),)))
    order = [name for name in shown.trees[0].names if name]
    assert all(abs(order.index(f"{n}") - order.index(f"{n + 30}")) == 1 for n in range(30))
    assert "stand together" in shown.remarks[0] and "share a row" in shown.remarks[0]
    named = tuple(f"all/{name}" for name in many)
    assert "order of the taxonomy" in drawn(ConfusionMatrices((matrix(named, *swap),))).remarks[0]


def test_too_many_classes_are_their_branches() -> None:
    paths = tuple(f"{n // 1000}/{n // 10}/{n}" for n in range(10_000))
    shown = drawn(ConfusionMatrices((matrix(paths, (0, 11, 3), (1, 19, 4), (2, 3, 9)),)))
    assert len(shown.trees[0].leaves) == 1000
    assert shown.remarks[0].startswith("Of 10,000 classes, the branches at level 2 are shown.")
    data = page_data(ConfusionMatrices((matrix(paths, (0, 11, 3), (1, 19, 4), (2, 3, 9)),)))
    assert unpacked(data) == {("0/0", "0/1"): 7, ("0/0", "0/0"): 9}


def test_of_too_many_without_branches_the_most_confused_are_kept() -> None:
    paths = tuple(f"c{n}" for n in range(MOST_CLASSES + 10))
    last = len(paths) - 1
    cells = np.array([[last, 0, 7], [last, last, 1], [5, 6, 2]])
    kept, places, remark = folded(paths, *cells.T, most=4)
    assert kept == ("c0", "c5", f"c{last}", f"{len(paths) - 3:,} others")
    assert places[[0, 5, last, 6, 1]].tolist() == [0, 1, 2, 3, 3]
    assert "5,007 others are one" in remark


def test_a_matrix_without_images_or_classes() -> None:
    for paths in ((), ("cat", "dog")):
        data = page_data(ConfusionMatrices((matrix(paths),)))
        assert data["matrices"][0]["images"] == []
    assert cells_table(ConfusionMatrices(())).rows == ()


def test_the_table_has_the_largest_mistakes_of_each() -> None:
    paths = tuple(f"{n}" for n in range(20))
    cells = [(0, n, n) for n in range(1, 20)] + [(0, 0, 10)]
    chart = ConfusionMatrices(
        tuple(matrix(paths, *cells, keys=(f"net {n}",)) for n in range(20)), ("network",)
    )
    table = cells_table(chart)
    assert len(table.rows) == 20 * 10 and table.left_out == 20 * 9 and table.text_columns == 3
    assert table.rows[0][:4] == ("net 0", "0", "19", "19")
    assert table.rows[0][4].startswith("9.5")  # of 200


def test_names_are_printable_text() -> None:
    name = "</script><b>\u202e\n"
    (tree,) = page_data(ConfusionMatrices((matrix((name, "b", "c")),)))["trees"]
    assert tree["names"][1] == "</script><b>  "
