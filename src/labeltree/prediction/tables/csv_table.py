"""Predictions as CSV, for spreadsheets: several values of one cell have `;` between them."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from labeltree.data.sources.cells import labels_text
from labeltree.errors import ConfigError
from labeltree.prediction.answering import Rows
from labeltree.prediction.tables.layout import Layout
from labeltree.spreadsheet import safe


class CsvTable:
    """See `Table`.

    Raises:
        ConfigError: the probabilities of all nodes are wanted, for which a cell is no place.
    """

    def __init__(self, layout: Layout) -> None:
        if "nodes" in layout.columns:
            raise ConfigError("--nodes does not fit into .csv: give an --out in .parquet or .jsonl")
        self.layout = layout

    @staticmethod
    def check() -> None:
        """See `Table.check`."""

    def write_part(self, path: Path, rows: Rows) -> None:
        """See `Table.write_part`; a part has no header."""
        with path.open("w", encoding="utf-8", newline="") as file:
            table = csv.writer(file, lineterminator="\r\n")
            for cells in zip(*rows.values(), strict=True):
                table.writerow(map(_cell, cells))

    def join(self, parts: Sequence[Path], path: Path) -> None:
        """See `Table.join`."""
        with path.open("wb") as whole:
            whole.write((",".join(self.layout.columns) + "\r\n").encode())
            for part in parts:
                with part.open("rb") as file:
                    shutil.copyfileobj(file, whole)


def _cell(value: Any) -> Any:
    """What stands in a cell: no text in it is run as a formula.

    >>> _cell(0.25), _cell(["cat", "dog/a;b"]), _cell([0.5, 0.25]), _cell("=1+1"), _cell(None)
    ('0.25', 'cat;"dog/a;b"', '0.5;0.25', "'=1+1", '')
    """
    if value is None:
        return ""
    if isinstance(value, list):
        return safe(labels_text(map(_text, value)))
    return safe(_text(value)) if isinstance(value, str) else _text(value)


def _text(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
