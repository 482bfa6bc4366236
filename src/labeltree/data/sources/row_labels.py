"""What each row of a table says of its image: one label, or several, some perhaps not annotated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from labeltree.data.collection import Collection
from labeltree.data.images import Images
from labeltree.data.set_errors import sets_at
from labeltree.data.sources.cells import Label, as_label, as_labels
from labeltree.data.sources.columns import Columns, Table
from labeltree.errors import DataError
from labeltree.taxonomy.tree import SEPARATOR, Taxonomy


class RowLabels(NamedTuple):
    """The labels of one image.

    Attributes:
        present: what it shows.
        unknown: what was not annotated.
    """

    present: tuple[Label, ...]
    unknown: tuple[Label, ...] = ()


def read_labels(table: Table, columns: Columns, separator: str) -> list[RowLabels]:
    """The labels of each row.

    Raises:
        DataError: a row without a label, or a label that cannot be one.
    """
    if columns.several:
        present = _several(table, columns.labels[0], separator)
        if () in present:
            row = present.index(())
            raise DataError(f"{table.where(row)}: no label; name at least one")
        if columns.unknown is None:
            return [RowLabels(labels) for labels in present]
        return list(map(RowLabels, present, _several(table, columns.unknown, separator)))
    if len(columns.labels) == 1:
        known: dict[str, RowLabels] = {}
        texts = table.texts(columns.labels[0])
        for row, text in enumerate(texts):
            if text not in known:
                known[text] = RowLabels((as_label(text.split(separator), table.where(row)),))
        return [known[text] for text in texts]
    rows = []
    for row, cells in enumerate(zip(*map(table.texts, columns.labels), strict=True)):
        steps = [cell.strip() for cell in cells]
        while steps and not steps[-1]:
            steps.pop()
        rows.append(RowLabels((as_label(steps or [""], table.where(row)),)))
    return rows


def _several(table: Table, column: str, separator: str) -> list[tuple[Label, ...]]:
    cells = enumerate(table.values(column))
    return [as_labels(value, separator, table.where(row)) for row, value in cells]


def label_array(
    taxonomy: Taxonomy, rows: Sequence[RowLabels], where: Callable[[int], str]
) -> NDArray[np.int64]:
    """The nodes of each row's labels.

    Args:
        taxonomy: holds all labels.
        rows: `n` of them.
        where: how to call a row in an error.

    Returns:
        Targets `(n,)` if every row has one label and nothing unknown, else label sets `(n, K)`.

    Raises:
        DataError: the labels of a row cannot be a set; see `make_label_sets`.
    """
    number = {row: kind for kind, row in enumerate(dict.fromkeys(rows))}
    kinds = np.array([number[row] for row in rows], dtype=np.int64)
    find = [
        [[taxonomy.find(SEPARATOR.join(label)) for label in labels] for labels in row]
        for row in number
    ]
    present, unknown = [nodes for nodes, _ in find], [nodes for _, nodes in find]
    if all(len(nodes) == 1 for nodes in present) and not any(unknown):
        return np.array(present, dtype=np.int64)[kinds, 0]
    first = np.unique(kinds, return_index=True)[1]
    return sets_at(taxonomy, present, unknown, lambda kind: where(int(first[kind])))[kinds]


def labelled(taxonomy: Taxonomy, images: Images, labels: NDArray[np.int64]) -> Collection:
    """A collection by its targets `(n,)` or its label sets `(n, K)`."""
    if labels.ndim == 1:
        return Collection(taxonomy, images, labels)
    return Collection.combined(taxonomy, images, labels)
