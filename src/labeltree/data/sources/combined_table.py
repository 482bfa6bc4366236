"""The table that says what combined labels are made of.

```
label,parts                         {"label": "dog/puggle", "parts": ["dog/beagle", "dog/pug"]}
dog/puggle,dog/beagle;dog/pug
```
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from labeltree.data.lookup import LabelIndex
from labeltree.data.sources.cells import Label, as_label, as_labels
from labeltree.data.sources.text_table import TextTable
from labeltree.errors import DataError, suggestion
from labeltree.taxonomy.tree import SEPARATOR, Taxonomy

_COLUMNS = ("label", "parts")


@dataclass(frozen=True)
class Combination:
    """One row of the table.

    Attributes:
        where: the row, for errors.
        node: of the combined label in the tree of the images.
        parts: what it is made of, as it stands in the table.
    """

    where: str
    node: int
    parts: tuple[Label, ...]


def read_combinations(path: Path, name: str, taxonomy: Taxonomy) -> list[Combination]:
    """The rows of the table.

    Args:
        path: CSV or JSON lines.
        name: of the images, for errors.
        taxonomy: their tree, in which the combined labels are looked up.

    Raises:
        DataError: the table cannot be read; a label is not in the tree, or fits several nodes, or
            stands twice; a row without parts.
    """
    table = _open(path)
    index = LabelIndex(taxonomy)
    rows: dict[int, Combination] = {}
    for row, (text, cell) in enumerate(
        zip(table.texts("label"), table.values("parts"), strict=True)
    ):
        where = table.where(row)
        label = SEPARATOR.join(as_label(text.split(SEPARATOR), where))
        found = index.matches(label)
        if not found:
            near = index.nearest(label)
            hint = f"did you mean {near!r}?" if near else "add its images or remove the row"
            raise DataError(f"{where}: {name} has no label {label!r}; {hint}")
        if len(found) > 1:
            raise DataError(f"{where}: {index.why_not(label, found)}")
        if found[0] in rows:
            raise DataError(f"{where}: {label!r} stands in {rows[found[0]].where}, too; keep one")
        parts = as_labels(cell, SEPARATOR, where)
        if not parts:
            raise DataError(f"{where}: {label!r} has no parts; name at least one")
        rows[found[0]] = Combination(where, found[0], parts)
    return list(rows.values())


def _open(path: Path) -> TextTable:
    table = TextTable(path)
    expected = f"expected {' and '.join(_COLUMNS)}"
    for name in table.columns:
        if name not in _COLUMNS:
            hint = suggestion(name, _COLUMNS, expected)
            raise DataError(f"{path}: unknown column {name!r}; {hint}")
    for name in _COLUMNS:
        if name not in table.columns:
            raise DataError(f"{path}: no column {name!r}; {expected}")
    if len(table) == 0:
        raise DataError(f"{path}: no rows; expected one for each combined label")
    return table


def resolve_parts(
    table: Sequence[Combination], known: Collection[Label], combined: Collection[Label]
) -> list[tuple[Label, ...]]:
    """The paths of all parts of each row.

    A part of one step may be the last step of a path that is known, or of another part's;
    otherwise it is taken for a path itself.

    Args:
        table: the rows.
        known: the paths of all nodes but the combined ones.
        combined: the paths of these.

    Raises:
        DataError: a part is combined itself, or fits several paths.
    """
    every = {*known, *combined}
    every.update(step for row in table for label in row.parts if label[1:] for step in _to(label))
    by_name: dict[str, list[Label]] = {}
    for label in sorted(every):
        by_name.setdefault(label[-1], []).append(label)

    def resolve(label: Label, where: str) -> Label:
        found = [label] if label[1:] or label in every else by_name.get(label[-1], [label])
        text = SEPARATOR.join(label)
        if len(found) > 1:
            places = ", ".join(repr(SEPARATOR.join(place)) for place in found[:3])
            raise DataError(f"{where}: part {text!r} fits {places}; give its path")
        if any(step in combined for step in _to(found[0])):
            raise DataError(f"{where}: part {text!r} is a combined label itself; name its parts")
        return found[0]

    return [tuple(resolve(label, row.where) for label in row.parts) for row in table]


def _to(label: Label) -> Iterator[Label]:
    """The labels from the top to this one."""
    return (label[:length] for length in range(1, len(label) + 1))
