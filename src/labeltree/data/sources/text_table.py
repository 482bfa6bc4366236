"""Tables in text files: CSV (also with tabs or semicolons) and JSON lines."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from labeltree.data.images import EncodedImages
from labeltree.data.sources.cells import as_text
from labeltree.errors import DataError

Row = tuple[int, list[object]]  # line number in the file, one cell per column


class TextTable:
    """All cells of a CSV or JSON lines file, with the line that each row came from.

    A CSV file has a header; its delimiter (comma, semicolon or tab) is told by the header. Cells
    that are missing are empty. As text a JSON list is a path: `["dog", "pug"]` is `dog/pug`.

    Raises:
        DataError: not there, not UTF-8, no header, or a row that does not fit; names the line.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines: list[int] = []
        cells: list[list[object]] = []
        read = _json_lines if path.suffix.lower() in (".jsonl", ".ndjson") else csv_rows
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                self.columns, rows = read(file, path)
                for line, row in rows:
                    self.lines.append(line)
                    cells.append(row)
        except UnicodeDecodeError as error:
            raise DataError(f"{path}: not UTF-8 text ({error.reason}); save it as UTF-8") from None
        except OSError as error:
            raise DataError(f"{path}: cannot be read ({error.strerror})") from None
        self._cells = (
            dict(zip(self.columns, zip(*cells, strict=True), strict=True)) if cells else {}
        )

    def __len__(self) -> int:
        return len(self.lines)

    def where(self, row: int) -> str:
        """How to call a row in an error."""
        return f"{self.path} line {self.lines[row]}"

    def values(self, column: str) -> list[object]:
        """All cells of a column: text, or what JSON makes of them."""
        return list(self._cells.get(column, ()))

    def texts(self, column: str) -> list[str]:
        """All cells of a column as text."""
        cells = enumerate(self.values(column))
        return [as_text(value, self.where(row)) for row, value in cells]

    def class_names(self, column: str) -> None:
        """Text tables keep no list of classes."""

    def holds_images(self, column: str) -> bool:
        """Text tables hold paths, never images."""
        return False

    def images(self, column: str) -> EncodedImages:
        """Never called, since no column holds images."""
        raise DataError(f"{self.path}: column {column!r} holds paths, not images")


def csv_rows(file: IO[str], path: Path) -> tuple[list[str], Iterator[Row]]:
    """The columns of an open CSV file, and its rows as they are read.

    Raises:
        DataError: see `TextTable`.
    """
    header = file.readline()
    delimiter = max(",;\t", key=header.count)
    try:
        columns = [name.strip() for name in next(csv.reader([header], delimiter=delimiter), [])]
    except csv.Error as error:
        raise DataError(f"{path} line 1: {error}") from None
    if not any(columns):
        raise DataError(f"{path}: no header in line 1; expected the names of the columns")
    columns = [name or f"column {number}" for number, name in enumerate(columns, 1)]
    if repeated := {name for name in columns if columns.count(name) > 1}:
        raise DataError(f"{path}: column {min(repeated)!r} stands twice; rename one")

    def rows() -> Iterator[Row]:
        reader = csv.reader(file, delimiter=delimiter)
        try:
            for cells in reader:
                if not any(cells):
                    continue
                if len(cells) != len(columns):
                    raise DataError(
                        f"{path} line {reader.line_num + 1}: {len(cells)} cells, expected "
                        f"{len(columns)} ({', '.join(columns)}); quote a cell with {delimiter!r}"
                    )
                yield reader.line_num + 1, list[object](cells)
        except csv.Error as error:
            raise DataError(f"{path} line {reader.line_num + 1}: {error}") from None

    return columns, rows()


def _json_lines(file: IO[str], path: Path) -> tuple[list[str], Iterator[Row]]:
    objects = list(json_rows(file, path))
    columns = list(dict.fromkeys(name for _, row in objects for name in row))
    return columns, ((line, list(map(row.get, columns))) for line, row in objects)


def json_rows(file: IO[str], path: Path) -> Iterator[tuple[int, dict[str, object]]]:
    """Number of the line and object of each line of JSON lines; empty lines are left out.

    Raises:
        DataError: a line is no JSON object.
    """
    for line, text in enumerate(file, 1):
        if not text.strip():
            continue
        try:
            value = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise DataError(f"{path} line {line}: not JSON ({error})") from None
        if not isinstance(value, dict):
            raise DataError(f'{path} line {line}: expected an object such as {{"image": ...}}')
        yield line, value
