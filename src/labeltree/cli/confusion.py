"""A confusion matrix: who is taken for whom. Read here from a table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from labeltree.data.subsets import class_names
from labeltree.errors import DataError, TaxonomyError
from labeltree.taxonomy import Taxonomy
from labeltree.taxonomy.readers.text import read_table

TABLES = (".csv", ".tsv", ".txt")


@dataclass(frozen=True, eq=False)
class Confusion:
    """Who is taken for whom.

    Attributes:
        matrix: images or summed probabilities; rows are the true classes; shape `(n, n)`.
        taxonomy: the tree that the classes have so far; of one level if they have none.
        what: the matrix in words.
    """

    matrix: NDArray[np.float64]
    taxonomy: Taxonomy
    what: str

    @property
    def names(self) -> tuple[str, ...]:
        """What to call the classes in another tree, so that their images are found under it."""
        return class_names(self.taxonomy)


def read_confusion(path: Path) -> Confusion:
    """A square table of counts or probabilities.

    The header and the first column hold the classes, by name or by path, in any order. Delimiters
    and encodings are those that `taxonomy.readers.text` knows.

    Raises:
        DataError: not square, labels that differ, cells that are no numbers; names row and column.
        TaxonomyError: no table.
    """
    table = read_table(path)
    columns, rows = table.columns[1:], dict[str, list[float]]()
    _check_new("column", columns, f"{path}:{table.header}")
    for line, (label, *cells) in table.rows:
        if len(cells) != len(columns):
            raise DataError(
                f"{path}:{line}: row {label!r} has {len(cells)} values, the header has "
                f"{len(columns)} classes; expected {_EXPECTED}"
            )
        _check_new("row", [label], f"{path}:{line}", rows)
        rows[label] = [
            _number(cell, f"{path}:{line}: row {label!r}, column {column!r}")
            for cell, column in zip(cells, columns, strict=True)
        ]
    for label in (*columns, *rows):
        if label not in rows or label not in columns:
            there, missing = ("row", "column") if label in rows else ("column", "row")
            raise DataError(
                f"{path}: class {label!r} has a {there} but no {missing}; expected {_EXPECTED}, "
                "0 where a class is never answered"
            )
    matrix = np.array([rows[label] for label in columns], dtype=np.float64)
    return _confusion_of_table(path, matrix.reshape(len(columns), len(columns)), columns)


_EXPECTED = "a square table with the classes in the header and in the first column"


def _confusion_of_table(
    path: Path, matrix: NDArray[np.float64], labels: tuple[str, ...]
) -> Confusion:
    """The matrix in the order of the leaves of the tree that the labels make up."""
    try:
        tree = Taxonomy.from_paths(labels)
    except TaxonomyError as error:
        raise DataError(f"{path}: its classes make no tree: {error}") from None
    if tree.num_leaves < len(labels):
        inner = next(label for label in labels if not tree.is_leaf[tree.find(label)])
        raise DataError(f"{path}: class {inner!r} has other classes below it; expected leaves only")
    places = {label: place for place, label in enumerate(labels)}
    leaves = [places[tree.paths[leaf]] for leaf in tree.leaves]
    return Confusion(matrix[np.ix_(leaves, leaves)], tree, f"a table of {len(labels):,} classes")


def _check_new(what: str, labels: Iterable[str], place: str, known: Iterable[str] = ()) -> None:
    seen = set(known)
    for label in labels:
        if not label:
            raise DataError(f"{place}: a {what} has no label; expected {_EXPECTED}")
        if label in seen:
            raise DataError(f"{place}: {what} {label!r} stands twice; keep one")
        seen.add(label)


def _number(cell: str, place: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        got = repr(cell) if cell else "nothing"
        raise DataError(
            f"{place}: {got} is no number; expected a count or a probability (with a decimal "
            "point), 0 where there is none"
        ) from None
    if not 0 <= value < float("inf"):
        raise DataError(f"{place}: {cell} is no count; expected a number from 0 on")
    return value
