"""Predictions as JSON lines: an object for each image."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from labeltree.prediction.answering import Rows
from labeltree.prediction.tables.layout import Layout


class JsonLines:
    """See `Table`."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout

    @staticmethod
    def check() -> None:
        """See `Table.check`."""

    def write_part(self, path: Path, rows: Rows) -> None:
        """See `Table.write_part`."""
        with path.open("w", encoding="utf-8", newline="\n") as file:
            for cells in zip(*rows.values(), strict=True):
                row = dict(zip(rows, cells, strict=True))
                file.write(json.dumps(row, ensure_ascii=False, default=_listed) + "\n")

    def join(self, parts: Sequence[Path], path: Path) -> None:
        """See `Table.join`."""
        with path.open("wb") as whole:
            for part in parts:
                with part.open("rb") as file:
                    shutil.copyfileobj(file, whole)


def _listed(value: Any) -> Any:
    assert isinstance(value, np.ndarray)
    return value.tolist()
