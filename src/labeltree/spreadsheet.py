"""CSV for people: UTF-8, quoted as in RFC 4180, and no cell that a spreadsheet would run."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from labeltree.writing import whole_file

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "'")


def write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a table, whole or not at all; numbers as they are, text by `safe`."""
    with (
        whole_file(path) as unfinished,
        unfinished.open("w", encoding="utf-8", newline="") as file,
    ):
        writer = csv.writer(file, lineterminator="\r\n")
        for row in (header, *rows):
            writer.writerow([safe(cell) if isinstance(cell, str) else cell for cell in row])


def safe(text: str) -> str:
    """Text that a spreadsheet takes for text: an apostrophe before what would be a formula.

    An apostrophe that was there gets another one, so that one at the beginning of a cell is never
    part of the text.

    >>> safe("=1+1"), safe("beagle"), safe("'tis")
    ("'=1+1", 'beagle', "''tis")
    """
    return f"'{text}" if text.startswith(_FORMULA) else text
