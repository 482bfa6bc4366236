"""Which column of a table is the image, which are the label, which is the split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Protocol

from labeltree.data.images import EncodedImages
from labeltree.errors import DataError, suggestion

IMAGE_NAMES = (
    *("image", "img", "image_path", "img_path", "image_file"),
    *("file", "file_name", "filename", "filepath", "file_path", "path"),
)
"""Usual names of the column with the image, in small letters, the most telling first."""
_NO_LABELS = ("id", "index", "column 1", "unnamed: 0", "width", "height", "url", "license", "md5")


class Table(Protocol):
    """Rows with named columns, from whatever kind of file."""

    path: Path
    columns: list[str]

    def __len__(self) -> int: ...

    def where(self, row: int) -> str:
        """How to call a row in an error."""

    def values(self, column: str) -> list[object]:
        """All cells of a column: text, numbers, None, or lists of these; class numbers by name."""

    def texts(self, column: str) -> list[str]:
        """All cells of a column as text; empty where there is none."""

    def class_names(self, column: str) -> list[str] | None:
        """All classes of a label column (also of lists) in their order, if the file lists them."""

    def holds_images(self, column: str) -> bool:
        """Whether the cells are encoded images (not paths)."""

    def images(self, column: str) -> EncodedImages:
        """The images in such a column."""


@dataclass(frozen=True)
class Columns:
    """What each column is for.

    Attributes:
        image: path or encoded image.
        labels: one column of label paths, or one per rank from coarse to fine.
        split: train, validation or test; None: all rows are for training.
        told: whether the user named the label columns.
        several: whether a cell of the label column holds any number of paths.
        unknown: labels that were not annotated, any number in a cell; None: all were.
    """

    image: str
    labels: tuple[str, ...]
    split: str | None
    told: bool
    several: bool = False
    unknown: str | None = None

    def __str__(self) -> str:
        labels = " / ".join(self.labels)
        label = "labels" if self.several else "label"
        unknown = f", unknown ones from {self.unknown!r}" if self.unknown else ""
        split = f", split from {self.split!r}" if self.split else ""
        return f"image from column {self.image!r}, {label} from {labels!r}{unknown}{split}"


def choose_columns(
    table: Table,
    image: str | None = None,
    label: str | None = None,
    ranks: Sequence[str] = (),
    split: str | None = None,
    labels: str | None = None,
) -> Columns:
    """Take the columns that the user names, and find the others.

    The image is the column that holds images (of several one with a usual name, else the first), or
    has a usual name (`image`, `path`, `file_name`, ...). The label is a column named `label` if
    there is one, else one named `labels`, else all the remaining columns are ranks, in their order;
    if that order runs from fine to coarse, it is turned round. A column named `labels` holds
    several in each cell, and one named `unknown` beside it those that were not annotated.

    Raises:
        DataError: a column that is not there, or none that could be image or label.
    """
    if (label is not None) + (labels is not None) + bool(ranks) > 1:
        raise DataError(
            "label, labels and ranks are three ways to name the label columns: give one of them"
        )
    for name in (image, label, labels, *ranks, split):
        if name is not None and name not in table.columns:
            hint = suggestion(name, table.columns, f"its columns: {', '.join(table.columns)}")
            raise DataError(f"{table.path} has no column {name!r}; {hint}")
    image = image or _find_image(table)
    split = split or _named(table.columns, "split")
    one = label or labels
    told = bool(one or ranks)
    columns = tuple(ranks) or ((one,) if one else _find_labels(table, {image, split}))
    several = labels is not None or (not ranks and _named(columns, "labels") == columns[0])
    unknown = _named(table.columns, "unknown") if several else None
    return Columns(image, columns, split, told, several, unknown)


def _named(columns: Sequence[str], wanted: str) -> str | None:
    """The first column of that name, however it is capitalised."""
    return next((name for name in columns if name.lower() == wanted), None)


def find_image(columns: Sequence[str], holding: Sequence[str]) -> str | None:
    """The column with the images, if one looks like it.

    Args:
        columns: all of a table.
        holding: those whose cells are encoded images, or might be.

    >>> find_image(["id", "thumbnail", "Image"], ["thumbnail", "Image"])
    'Image'
    >>> find_image(["path", "photo"], ["photo"]), find_image(["id", "File_Name"], [])
    ('photo', 'File_Name')
    """
    return _usual(holding) or next(iter(holding), None) or _usual(columns)


def _usual(columns: Sequence[str]) -> str | None:
    lower = {name.lower(): name for name in reversed(columns)}
    return next((lower[name] for name in IMAGE_NAMES if name in lower), None)


def _find_image(table: Table) -> str:
    holding = [name for name in table.columns if table.holds_images(name)]
    if (found := find_image(table.columns, holding)) is not None:
        return found
    raise DataError(
        f"{table.path}: none of the columns {', '.join(table.columns)} looks like an image path; "
        "name it with the option image"
    )


def _find_labels(table: Table, taken: set[str | None]) -> tuple[str, ...]:
    left = [
        name
        for name in table.columns
        if name not in taken and name.lower() not in _NO_LABELS and not table.holds_images(name)
    ]
    if name := _named(left, "label") or _named(left, "labels"):
        return (name,)
    if not left:
        raise DataError(
            f"{table.path}: no column is left for the label (columns: {', '.join(table.columns)}); "
            "name it with the option label, labels or ranks"
        )
    return _coarse_first(table, tuple(left))


def _coarse_first(table: Table, ranks: tuple[str, ...]) -> tuple[str, ...]:
    """The ranks, turned round if each one decides the next but not the other way."""
    if len(ranks) < 2:
        return ranks
    cells = [table.texts(name) for name in ranks]
    for fine, coarse in pairwise(cells):
        pairs = len(set(zip(fine, coarse, strict=True)))
        if pairs != len(set(fine)) or pairs == len(set(coarse)):
            return ranks
    return ranks[::-1]
