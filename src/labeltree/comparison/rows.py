"""The figures of each run: accuracy, training and cost."""

from __future__ import annotations

import math
from typing import Any

from labeltree.comparison.entries import Entry
from labeltree.comparison.figures import deepest, number, part
from labeltree.metrics import wilson_interval
from labeltree.reports.words import printable

Row = dict[str, Any]

_COST = ("seconds_per_epoch", "weight_mb", "peak_memory_mb", "macs", "images_per_second")


def row_of(entry: Entry) -> Row:
    """A row of the record; None is what was not measured."""
    record, predictions = entry.run.record, entry.predictions
    training, cost = part(record, "training"), part(record, "cost")
    images = len(predictions)
    low, high = wilson_interval(int((~predictions.wrong).sum()), images)
    model = part(record, "model")
    parameters = number(cost.get("parameters"))
    return {
        "dataset": entry.dataset,
        "model": entry.model,
        "seed": entry.seed,
        "method": _text(model.get("method")),
        "backbone": _text(model.get("backbone")),
        "run": printable(entry.run.path.resolve().name),
        "top1": entry.top1,
        "low": low,
        "high": high,
        "top5": entry.top5,
        "train_top1": _last(entry, "train_top1"),
        "validation_top1": deepest(record, "validation", "top1"),
        "epochs": number(training.get("epochs")),
        "training_seconds": number(training.get("seconds")),
        "params": number(model.get("parameters")) if parameters is None else parameters,
        **{name: number(cost.get(name)) for name in _COST},
        "image_size": number(part(part(record, "recipe"), "loading").get("image_size")),
        "images": images,
        "classes": predictions.taxonomy.num_leaves,
    }


def _text(value: Any) -> str | None:
    """Text that can be written: a record may hold characters that no file can."""
    return None if value is None else printable(str(value))


def _last(entry: Entry, column: str) -> float | None:
    """A figure of the last epoch; None where it was not measured."""
    values = entry.run.epochs.get(column)
    if values is None or not math.isfinite(values[-1]):
        return None
    return float(values[-1])
