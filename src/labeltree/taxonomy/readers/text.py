"""Text files as people save them: with and without a byte order mark, from Excel or by hand."""

from __future__ import annotations

import codecs
import csv
import io
from dataclasses import dataclass
from pathlib import Path

from labeltree.errors import TaxonomyError
from labeltree.taxonomy.names import clean

DELIMITERS = ",;\t|"
HEAD = 1 << 16  # bytes in which the first line of a file ends


@dataclass(frozen=True)
class Table:
    """A delimited file: cleaned cells, and the line at which each row begins.

    Attributes:
        columns: the header's cells.
        header: the line of the header.
        rows: (line, cells), as many cells as the row has; blank rows are left out.
    """

    columns: tuple[str, ...]
    header: int
    rows: list[tuple[int, list[str]]]


def read_text(path: Path) -> str:
    """The text of a UTF-8 file, or of a UTF-16 file with a byte order mark.

    Raises:
        TaxonomyError: no such text; names the line.
    """
    data = path.read_bytes()
    utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return data.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise TaxonomyError(f"{path}:{line}: not UTF-8 text; save the file as UTF-8") from None


def read_table(path: Path) -> Table:
    """Read a file of comma, semicolon, tab or bar separated cells; the header tells which.

    Raises:
        TaxonomyError: nothing in it, or quotes that do not close; names the line.
    """
    text = read_text(path)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    spellings: dict[str, str] = {}  # most cells stand in many rows
    rows: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for cells in reader:
            for cell in cells:
                if cell not in spellings:
                    spellings[cell] = clean(cell)
            cleaned = [spellings[cell] for cell in cells]
            if any(cleaned):
                rows.append((line, cleaned))
            line = reader.line_num + 1
    except csv.Error as error:
        raise TaxonomyError(f"{path}:{line}: {error}; check the quotes of this row") from None
    if not rows:
        raise TaxonomyError(f"{path}: no labels in it; expected a header and a row per label")
    (header, columns), *rest = rows
    return Table(tuple(columns), header, rest)


def read_header(path: Path) -> tuple[str, ...]:
    """The columns of a table, in lower case, without reading the rest; empty if it is no table."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    utf16 = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = head.decode("utf-16" if utf16 else "utf-8-sig", errors="replace").lstrip()
    top = text.splitlines()[:1]
    return tuple(
        clean(cell).lower() for row in csv.reader(top, delimiter=_delimiter(text)) for cell in row
    )


def _delimiter(text: str) -> str:
    """The delimiter that the first line with text in it holds most often outside quotes."""
    top = next((line for line in io.StringIO(text) if line.strip()), "")
    return max(DELIMITERS, key="".join(top.split('"')[::2]).count)
