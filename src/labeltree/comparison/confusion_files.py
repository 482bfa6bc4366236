"""Confusion matrices as CSV: how often each class was taken for each other one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from labeltree.metrics import count_pairs
from labeltree.reports.confusion_file import LIST_HEAD
from labeltree.spreadsheet import write_table
from labeltree.taxonomy import Nodes, Taxonomy

_WIDEST = 1_000  # classes of a square table


def write_confusion(path: Path, taxonomy: Taxonomy, targets: Nodes, answers: Nodes) -> int:
    """Write a square table, rows what the images show; of more classes a row for each cell.

    Classes stand branch by branch. In the list each class has a row with itself, also where no
    image is in it, so that it has a place.

    Args:
        path: of the file.
        taxonomy: the label tree.
        targets: true nodes, shape `(n,)`; images whose target is no class are left out.
        answers: the class that each was taken for, as a node, shape `(n,)`.

    Returns:
        How many images are in it.
    """
    known = taxonomy.is_leaf[targets]
    classes = sorted(taxonomy.leaves.tolist(), key=taxonomy.path_to)  # depth first
    place = np.zeros(taxonomy.num_nodes, dtype=np.int64)
    place[classes] = np.arange(len(classes))
    names = [taxonomy.paths[leaf] for leaf in classes]
    pairs = count_pairs(taxonomy, answers[known], targets[known])
    truths, told, images = place[pairs.targets], place[pairs.answers], pairs.images
    if len(classes) <= _WIDEST:
        table = np.zeros((len(classes), len(classes)), dtype=np.int64)
        table[truths, told] = images
        rows = ([name, *row] for name, row in zip(names, table.tolist(), strict=True))
        write_table(path, ["label", *names], rows)
    else:
        write_table(path, LIST_HEAD, _cells(names, truths, told, images))
    return int(known.sum())


def _cells(
    names: list[str], truths: Nodes, answers: Nodes, images: Nodes
) -> Iterator[tuple[str, str, int]]:
    """In the order of the classes; of each its own cell first."""
    right = np.zeros(len(names), dtype=np.int64)
    own = truths == answers
    right[truths[own]] = images[own]
    order = np.flatnonzero(~own)[np.lexsort((answers[~own], truths[~own]))]
    wrong = zip(*(part[order].tolist() for part in (truths, answers, images)), strict=True)
    cell = next(wrong, None)
    for at, name in enumerate(names):
        yield name, name, int(right[at])
        while cell is not None and cell[0] == at:
            yield name, names[cell[1]], cell[2]
            cell = next(wrong, None)
