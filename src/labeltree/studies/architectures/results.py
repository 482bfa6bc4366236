"""The rows of a study, found by what they are of, and the figures that networks are compared by."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labeltree.reports.words import decimal, percent, points

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Figure:
    """One figure of a training.

    Attributes:
        name: in words.
        of: from a row, with its `train_loss`, to the value; None where it was not measured.
        words: a mean of values.
        apart: a mean difference of what is `compared`.
        unit: of that.
        less: what stands between the two networks that differ.
        compared: from a value to what is compared: times are by their ratio.
    """

    name: str
    of: Callable[[Row], float | None]
    words: Callable[[float], str]
    apart: Callable[[float], str] = points
    unit: str = " points"
    less: str = "minus"
    compared: Callable[[float], float] = float


def _share(name: str, key: str) -> Figure:
    return Figure(name, lambda row: row[key], lambda value: percent(value, 2))


def _gap(row: Row) -> float | None:
    train, test = row["train_top1"], row["top1"]
    return None if train is None or test is None else train - test


TOP1 = _share("top-1 accuracy", "top1")
TOP5 = _share("top-5 accuracy", "top5")
TRAIN_TOP1 = _share("training accuracy", "train_top1")
GAP = Figure(
    "difference of training and test accuracy", _gap, lambda value: f"{points(value)} points"
)
TRAIN_LOSS = Figure(
    "training loss", lambda row: row["train_loss"], words=decimal, apart=decimal, unit=""
)
SECONDS = Figure(
    "time for an epoch",
    lambda row: row["seconds_per_epoch"],
    words=lambda value: f"{value:,.3g} s",
    apart=lambda value: f"{math.exp(value):.2f}",
    unit=" times",
    less="by",
    compared=math.log,
)

FIGURES = (TOP1, TOP5, TRAIN_TOP1, TRAIN_LOSS, SECONDS, GAP)


class Results:
    """All rows of a study.

    Args:
        rows: a row for each run.
        curves: a row for each epoch, where the last training loss stands.
    """

    def __init__(self, rows: Sequence[Row], curves: Sequence[Row]) -> None:
        losses = {_key(row): row["train_loss"] for row in curves}  # the last epoch's is the last
        self._by_key = {_key(row): {**row, "train_loss": losses.get(_key(row))} for row in rows}

    @property
    def datasets(self) -> list[str]:
        """In the order of the rows."""
        return list(dict.fromkeys(dataset for dataset, _, _ in self._by_key))

    def models(self, dataset: str) -> list[str]:
        """That were trained on it, in the order of the rows."""
        return list(dict.fromkeys(model for data, model, _ in self._by_key if data == dataset))

    def seeds(self, dataset: str) -> int:
        """With how many seeds each was."""
        return len({seed for data, _, seed in self._by_key if data == dataset})

    def values(self, figure: Figure, dataset: str, model: str) -> NDArray[np.float64]:
        """A value for each seed, `(num_seeds,)`; NaN where it was not measured."""
        rows = [self._by_key[key] for key in sorted(self._by_key) if key[:2] == (dataset, model)]
        found = [figure.of(row) for row in rows]
        return np.array([math.nan if value is None else value for value in found])

    def mean(self, figure: Figure, dataset: str, model: str) -> float:
        """Over the seeds."""
        return float(self.values(figure, dataset, model).mean())

    def known(self, figure: Figure, dataset: str, models: Sequence[str]) -> bool:
        """Whether all these networks were trained on the data, and this was measured of them."""
        return set(models) <= set(self.models(dataset)) and all(
            np.isfinite(self.values(figure, dataset, model)).all() for model in models
        )

    def of(self, dataset: str, model: str, key: str) -> Any:
        """What is the same in the rows of all seeds."""
        return next(
            row[key] for found, row in self._by_key.items() if found[:2] == (dataset, model)
        )


def _key(row: Row) -> tuple[str, str, int]:
    return row["dataset"], row["model"], row["seed"]
