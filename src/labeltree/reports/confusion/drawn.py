"""Matrices as they are drawn: their classes in order, each taxonomy once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from labeltree.reports.charts import Confusion, ConfusionMatrices
from labeltree.reports.confusion.folding import folded
from labeltree.reports.confusion.order import MOST_ORDERED, Places, confused_together
from labeltree.reports.confusion.tree import WIDEST, ClassTree
from labeltree.taxonomy import SEPARATOR

MOST_CLASSES = 5_000  # of which a picture has room for a dot each


@dataclass(frozen=True, eq=False)
class DrawnMatrix:
    """Cells that are not empty, in order; truths and answers are places of the tree's classes."""

    keys: tuple[str, ...]
    tree: int
    truths: Places
    answers: Places
    images: Places


@dataclass(frozen=True, eq=False)
class Drawn:
    """All matrices of a chart, their trees, and of each tree how its classes stand."""

    trees: tuple[ClassTree, ...]
    remarks: tuple[str, ...]
    matrices: tuple[DrawnMatrix, ...]


def drawn(chart: ConfusionMatrices) -> Drawn:
    """Lay out the classes of each taxonomy, for all of its matrices alike."""
    members: dict[tuple[str, ...], list[int]] = {}
    for number, one in enumerate(chart.matrices):
        members.setdefault(one.paths, []).append(number)
    trees: list[ClassTree] = []
    matrices: dict[int, DrawnMatrix] = {}
    remarks: list[str] = []
    for paths, numbers in members.items():
        of_tree = [chart.matrices[number] for number in numbers]
        tree, places, remark = _laid_out(paths, of_tree)
        for number, one in zip(numbers, of_tree, strict=True):
            cells = _cells(one)
            merged = _merged(len(tree.leaves), places, *cells)
            matrices[number] = DrawnMatrix(one.keys, len(trees), *merged)
        trees.append(tree)
        remarks.append(remark)
    ordered = tuple(matrices[number] for number in range(len(chart.matrices)))
    return Drawn(tuple(trees), tuple(remarks), ordered)


def _laid_out(paths: tuple[str, ...], matrices: list[Confusion]) -> tuple[ClassTree, Places, str]:
    """The tree, the place in it of each class, and a remark."""
    truths, answers, images = np.concatenate([_cells(one) for one in matrices], axis=1)
    shown, places, left_out = folded(paths, truths, answers, images, MOST_CLASSES)
    # Classes that fit into one view stand as their readers know them: 0 to 9.
    together = WIDEST < len(shown) <= MOST_ORDERED and not any(SEPARATOR in one for one in paths)
    order = np.arange(len(shown))
    if together:
        order = confused_together(len(shown), places[truths], places[answers], images)
    tree = ClassTree.of([shown[at] for at in order.tolist()])
    rank = np.empty_like(order)
    rank[order[list(tree.leaves)]] = np.arange(len(order))
    remarks = [
        left_out,
        "Classes that are confused stand together."
        if together
        else "Classes stand in the order of the taxonomy.",
        f"Where there are more than {WIDEST}, neighbours share a row until it is opened."
        if None in tree.names
        else "",
    ]
    return tree, rank[places], " ".join(filter(None, remarks))


def _cells(one: Confusion) -> Places:
    """Truths, answers and images, shape `(3, cells)`."""
    return np.array([one.truths, one.answers, one.images], dtype=np.int64)


def _merged(
    classes: int, places: Places, truths: Places, answers: Places, images: Places
) -> tuple[Places, Places, Places]:
    """Cells by their places in the tree, in order; those that became one are counted together."""
    codes, which = np.unique(places[truths] * classes + places[answers], return_inverse=True)
    counts = np.zeros(len(codes), dtype=np.int64)
    np.add.at(counts, which, images)
    return codes // classes, codes % classes, counts
