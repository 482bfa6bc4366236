"""Images named by a text table: CSV (also with tabs or semicolons) or JSON lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from labeltree.data.file_names import printable
from labeltree.data.sources.cells import as_text
from labeltree.data.sources.text_table import csv_rows, json_rows
from labeltree.errors import DataError
from labeltree.prediction.sources.image_column import image_column
from labeltree.prediction.sources.picture import Picture, picture_in_file

_JSON = (".jsonl", ".ndjson")


@dataclass(frozen=True)
class TextRows:
    """See `Source`; a row an image, read as it is needed.

    Attributes:
        path: of the table; the paths in it are relative to its folder.
        column: with the paths; None finds it.
    """

    path: Path
    column: str | None = None

    def count(self) -> int:
        """See `Source.count`; also finds the rows that do not fit."""
        return sum(1 for _ in self._cells())

    def pictures(self, only_named: int = 0) -> Iterator[Picture]:
        """See `Source.pictures`; an image is called as its row calls it."""
        for line, cell in self._cells():
            if cell:
                yield picture_in_file(str(self.path.parent / cell), cell)
            else:
                where = f"{printable(str(self.path))} line {line}"
                yield Picture(where, b"", where, where)

    def _cells(self) -> Iterator[tuple[int, str]]:
        read = self._json_cells if self.path.suffix.lower() in _JSON else self._csv_cells
        try:
            with self.path.open(encoding="utf-8-sig", newline="") as file:
                for line, value in read(file):
                    cell = as_text(value, f"{self.path} line {line}").strip()
                    if "\0" in cell:
                        raise DataError(f"{self.path} line {line}: {cell[:80]!r} is no path")
                    yield line, cell
        except UnicodeDecodeError as error:
            raise DataError(
                f"{self.path}: not UTF-8 text ({error.reason}); save it as UTF-8"
            ) from None
        except OSError as error:
            raise DataError(f"{self.path}: cannot be read ({error.strerror})") from None

    def _csv_cells(self, file: IO[str]) -> Iterator[tuple[int, object]]:
        columns, rows = csv_rows(file, self.path)
        place = columns.index(image_column(self.path, columns, self.column))
        for line, row in rows:
            yield line, row[place]

    def _json_cells(self, file: IO[str]) -> Iterator[tuple[int, object]]:
        """The columns are those of the first row; a later row may lack some."""
        column = None
        for line, row in json_rows(file, self.path):
            column = column or image_column(self.path, list(row), self.column)
            yield line, row.get(column)
