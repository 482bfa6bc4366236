"""How training went: loss, accuracy and schedule by epoch."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from labeltree.reports.charts import Axis, Figure, Lines, Series, Table
from labeltree.reports.palette import series_role
from labeltree.reports.run.folder import RunFolder
from labeltree.reports.words import compact, count, duration, known, percent, plural

TOP1 = "validation_top1_"
FEW_EPOCHS = 3


def training(run: RunFolder) -> Figure | None:
    """Curves by epoch; None without two epochs of `metrics.csv`."""
    epochs = run.epochs
    if len(epochs.get("epoch", ())) < 2:
        return None  # one point makes no curve
    panels = tuple(filter(None, (_loss(epochs), _accuracy(epochs), _rate(epochs), _size(epochs))))
    if not panels:
        return None
    length = len(epochs["epoch"])
    lead = _lead(run, length)
    return Figure(
        name="training",
        title="How it learned",
        lead=lead,
        alt=f"Lines by epoch: {', '.join(panel.title for panel in panels)}. {lead}",
        panels=panels,
        table=_table(epochs),
        note="A training loss includes augmentation and label smoothing: it may lie above the "
        "validation loss.",
    )


def _has(epochs: dict[str, NDArray], column: str) -> bool:
    return "epoch" in epochs and column in epochs and bool(np.isfinite(epochs[column]).any())


def _series(
    epochs: dict[str, NDArray], columns: Iterable[tuple[str, str]], steps: bool = False
) -> tuple[Series, ...]:
    """One line per column that has a number in it."""
    drawn = [(column, name) for column, name in columns if _has(epochs, column)]
    found = []
    for position, (column, name) in enumerate(drawn):
        there = np.isfinite(epochs[column])
        few = there.sum() <= FEW_EPOCHS
        found.append(
            Series(
                name,
                tuple(epochs["epoch"][there].tolist()),
                tuple(epochs[column][there].tolist()),
                series_role(position),
                style="steps" if steps else "line+points" if few else "line",
            )
        )
    return tuple(found)


def _panel(title: str, series: tuple[Series, ...], axis: Axis) -> Lines | None:
    return Lines(series, Axis("epoch", whole=True), axis, title=title) if series else None


def _loss(epochs: dict[str, NDArray]) -> Lines | None:
    columns = [("train_loss", "training"), ("validation_loss", "validation")]
    return _panel("Loss", _series(epochs, columns), Axis("loss (nats)"))


def _accuracy(epochs: dict[str, NDArray]) -> Lines | None:
    columns = [(name, name.removeprefix(TOP1)) for name in epochs if name.startswith(TOP1)]
    axis = Axis("right on the validation split", percent=True)
    return _panel("Accuracy", _series(epochs, columns), axis)


def _rate(epochs: dict[str, NDArray]) -> Lines | None:
    return _panel(
        "Learning rate", _series(epochs, [("learning_rate", "learning rate")]), Axis("", 0)
    )


def _size(epochs: dict[str, NDArray]) -> Lines | None:
    sizes = _series(epochs, [("image_size", "image side")], steps=True)
    if not sizes or len(set(sizes[0].y)) < 2:
        return None  # a size that never changes needs no curve
    return _panel("Image size", sizes, Axis("pixels a side"))


def _lead(run: RunFolder, length: int) -> str:
    facts = run.record.get("training") or {}
    parts = [plural(length, "epoch")]
    if known(facts.get("seconds")):
        parts.append(f"in {duration(facts['seconds'])}")
    if known(facts.get("images_per_second")):
        parts.append(f"at {count(facts['images_per_second'])} images a second")
    return f"{' '.join(parts)}."


def _table(epochs: dict[str, NDArray]) -> Table:
    columns = [name for name in epochs if np.isfinite(epochs[name]).any()]
    return Table(
        head=tuple(name.replace("_", " ") for name in columns),
        rows=tuple(
            tuple(_cell(name, float(epochs[name][row])) for name in columns)
            for row in range(len(epochs["epoch"]))
        ),
        text_columns=0,
    )


def _cell(column: str, value: float) -> str:
    if "top1" in column:
        return percent(value)
    if column in ("epoch", "image_size", "images_per_second"):
        return count(value)
    return duration(value) if column == "seconds" else compact(value)
