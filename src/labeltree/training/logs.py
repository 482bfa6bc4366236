"""The table of epochs, as CSV and, if asked for, for TensorBoard."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Protocol

from labeltree.errors import MissingExtraError, with_extra
from labeltree.writing import write_text

FILE_NAME = "metrics.csv"


class EpochLog(Protocol):
    """Takes the rows of all epochs so far, after each epoch."""

    def write(self, rows: list[dict[str, float]]) -> None:
        """Keep `rows`; the last one is new."""


class CsvLog:
    """`metrics.csv`: a row per epoch, rewritten whole: a resumed run leaves no double row."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE_NAME

    def write(self, rows: list[dict[str, float]]) -> None:
        """See `EpochLog`."""
        text = io.StringIO()
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        write_text(self.path, text.getvalue())


class TensorBoardLog:
    """Scalars for TensorBoard under `tensorboard/`."""

    def __init__(self, folder: Path) -> None:
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError:
            raise MissingExtraError(
                f"TensorBoard is not installed: {with_extra('tensorboard')}"
            ) from None
        self.writer = SummaryWriter(folder / "tensorboard")

    def write(self, rows: list[dict[str, float]]) -> None:
        """See `EpochLog`."""
        row = rows[-1]
        for name, value in row.items():
            self.writer.add_scalar(name, value, int(row["epoch"]))
        self.writer.flush()
