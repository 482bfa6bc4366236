"""What stands in one cell of a table: text, the path of a label, or several of them."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable

from labeltree.errors import DataError
from labeltree.taxonomy.names import SEPARATOR, clean, flaw

BETWEEN_LABELS = ";"
"""Stands between several labels in one text."""

Label = tuple[str, ...]
"""The steps of a label's path, cleaned."""


def as_text(value: object, where: str) -> str:
    """A cell as text: empty where nothing stands, lists as paths.

    Args:
        value: from the table.
        where: the place of the cell, for the error.

    Raises:
        DataError: it holds an object.
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, list):
        return SEPARATOR.join(as_text(part, where) for part in value)
    if isinstance(value, dict):
        raise DataError(f"{where}: a value is an object; expected text, a number or a list")
    return str(value)


def as_label(steps: Iterable[str], where: str) -> Label:
    """The steps of a path as a label.

    Raises:
        DataError: a step is empty or cannot be a name.
    """
    label = tuple(map(clean, steps))
    for step in label:
        if reason := flaw(step):
            raise DataError(f"{where}: {reason}")
    return label


def as_labels(value: object, separator: str, where: str) -> tuple[Label, ...]:
    """A cell as several labels; none where nothing stands.

    Args:
        value: text with `;` between the paths, or a list of paths, or of lists of their steps. A
            path that begins with `"` or holds `;` stands in quotes, those within it doubled.
        separator: between the steps of a path in text.
        where: the place of the cell, for the error.

    Raises:
        DataError: a step is empty or cannot be a name; quotes that do not fit.

    >>> as_labels('cat; "dog/pug; black"', "/", "pets.csv line 3")
    (('cat',), ('dog', 'pug; black'))
    >>> as_labels("cat; dog/pug", "/", "pets.csv line 2")
    (('cat',), ('dog', 'pug'))
    >>> as_labels(["cat", ["dog", "pug"]], "/", "pets.jsonl line 1")
    (('cat',), ('dog', 'pug'))
    """
    if not isinstance(value, list):
        text = as_text(value, where)
        value = _parts(text, where) if text.strip() else []
    labels = []
    for item in value:
        steps = (
            [as_text(step, where) for step in item]
            if isinstance(item, list)
            else as_text(item, where).split(separator)
        )
        labels.append(as_label(steps or [""], where))
    return tuple(labels)


def _parts(text: str, where: str) -> list[str]:
    one_line = text.replace("\r", " ").replace("\n", " ")  # as names have it, once they are clean
    rows = csv.reader([one_line], delimiter=BETWEEN_LABELS, skipinitialspace=True, strict=True)
    try:
        return next(rows)
    except csv.Error as error:
        raise DataError(
            f"{where}: labels {text!r}: {error}; put a label that begins with '\"' in quotes and "
            "double those within it, or write a list in JSON lines"
        ) from None


def labels_text(paths: Iterable[str]) -> str:
    """Several paths in one text, as `as_labels` reads them.

    >>> labels_text(["cat", "dog/pug; black"])
    'cat;"dog/pug; black"'
    """
    cell = io.StringIO()
    csv.writer(cell, delimiter=BETWEEN_LABELS, lineterminator="").writerow(paths)
    return cell.getvalue()
