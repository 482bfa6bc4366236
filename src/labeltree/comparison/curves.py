"""What became of a run epoch by epoch, as `metrics.csv` tells."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from labeltree.comparison.entries import Entry
from labeltree.spreadsheet import write_table

Curve = dict[str, Any]

CURVES = "curves.csv"
_COLUMNS = (
    *("dataset", "model", "seed", "epoch", "seconds", "images_per_second"),
    *("train_loss", "train_top1", "validation_loss", "validation_top1", "validation_top5"),
)


def curves_of(entry: Entry) -> list[Curve]:
    """An entry of the record for each epoch; accuracies are those of the deepest level."""
    assert entry.run.taxonomy is not None  # as `read_run` checks
    level = entry.run.taxonomy.level_names[-1]
    columns = {
        **{name: name for name in _COLUMNS[3:]},
        "validation_top1": f"validation_top1_{level}",
        "validation_top5": f"validation_top5_{level}",
    }
    epochs = entry.run.epochs
    count = len(next(iter(epochs.values()), ()))
    return [
        {
            "dataset": entry.dataset,
            "model": entry.model,
            "seed": entry.seed,
            **{
                name: _value(epochs[column][place]) if column in epochs else None
                for name, column in columns.items()
            },
        }
        for place in range(count)
    ]


def write_curves(path: Path, curves: Sequence[Curve]) -> None:
    """The curves of all runs as a table, a row per epoch."""
    write_table(path, _COLUMNS, ([curve[name] for name in _COLUMNS] for curve in curves))


def _value(value: float) -> float | None:
    """A number, without decimals that it does not have."""
    if not math.isfinite(value):
        return None
    return int(value) if value == int(value) else float(value)
