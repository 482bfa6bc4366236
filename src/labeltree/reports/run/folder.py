"""Reading a run folder: all that a report knows. No model is opened."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from labeltree.errors import ModelFolderError
from labeltree.reports.examples import find_examples
from labeltree.reports.record import Json, read_record
from labeltree.reports.run.predictions import Predictions, read_predictions
from labeltree.reports.run.record import check_record
from labeltree.taxonomy import Taxonomy


@dataclass(frozen=True)
class RunFolder:
    """What a run left behind; parts that it did not write are empty or None.

    Attributes:
        path: the folder.
        record: `record.json`.
        taxonomy: `taxonomy.json`.
        predictions: `predictions.npz`, of the test split.
        epochs: `metrics.csv` by column, each of shape `(epochs,)`; NaN where a cell is blank.
        examples: thumbnails by test index.
        names: `test_images.txt`: a path, or a file and its row, of each test image.
    """

    path: Path
    record: Json
    taxonomy: Taxonomy | None = None
    predictions: Predictions | None = None
    epochs: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    examples: dict[int, Path] = field(default_factory=dict)
    names: tuple[str, ...] = ()

    @property
    def split(self) -> str:
        """See `split_shown`."""
        return split_shown(self.record)

    @property
    def scores(self) -> Json:
        """The scores on `split`."""
        return self.record.get(self.split) or {}

    @property
    def levels(self) -> list[Json]:
        """The scores per level, from the broadest to the deepest; levels that were told not."""
        told = level_told(self.record).get("depth") or 0
        levels = list(self.scores.get("levels") or [])
        return [row for row in levels if (row.get("depth") or told + 1) > told]


def split_shown(record: Json) -> str:
    """The split whose scores are shown: test if there is one."""
    return "test" if record.get("test") else "validation"


def level_told(record: Json) -> Json:
    """The level whose true label the model was told: its name and depth; empty if none."""
    return (record.get("decoding") or {}).get("given") or {}


def read_run_folder(path: Path) -> RunFolder:
    """Read a run folder.

    Raises:
        ModelFolderError: there is no `record.json`, or a file is damaged.
    """
    path = Path(path)
    record = read_record(path)
    check_record(record)
    taxonomy = _read_taxonomy(path / "taxonomy.json")
    predictions = read_predictions(path / "predictions.npz", taxonomy) if taxonomy else None
    return RunFolder(
        path=path,
        record=record,
        taxonomy=taxonomy,
        predictions=predictions,
        epochs=_read_epochs(path / "metrics.csv"),
        examples=find_examples(path),
        names=_read_names(path / "test_images.txt", 0 if predictions is None else len(predictions)),
    )


def _read_taxonomy(path: Path) -> Taxonomy | None:
    from labeltree.taxonomy import load_taxonomy

    return load_taxonomy(path) if path.is_file() else None


def _read_names(path: Path, images: int) -> tuple[str, ...]:
    """Of each image; empty where the run is older than the file, or that is of other images."""
    if not path.is_file():
        return ()
    names = path.read_text(encoding="utf-8", errors="replace").split("\n")[:-1]
    return tuple(names) if len(names) == images else ()


def _read_epochs(path: Path) -> dict[str, NDArray[np.float64]]:
    if not path.is_file():
        return {}
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    except (UnicodeDecodeError, csv.Error) as error:
        raise ModelFolderError(f"{path} is damaged ({error}): run again what made it") from None
    columns = [name for name in (rows[0] if rows else {}) if name]
    return {name: np.array([_number(row[name]) for row in rows]) for name in columns}


def _number(cell: str | None) -> float:
    try:
        return float(cell or "nan")
    except ValueError:
        return float("nan")
