"""The figures as tables: accuracy, cost, tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from labeltree.comparison.data_sets import DataSet
from labeltree.comparison.pairs import MCNEMAR, T, Test
from labeltree.reports.costs import COSTS
from labeltree.reports.words import (
    MISSING,
    THIN,
    compact,
    count,
    duration,
    p_value,
    percent,
    points,
    spread,
)

WordTable = dict[str, Any]

_COSTS = ("weight_mb", "peak_memory_mb", "macs", "seconds_per_epoch", "images_per_second")


def tables(data_sets: Sequence[DataSet], tests: Sequence[Test]) -> list[WordTable]:
    """For the record, accuracy first; tables of tests only where there are any."""
    return [
        _accuracies(data_sets),
        _training(data_sets),
        _costs(data_sets),
        *(table for table in (_by_seeds(tests), _by_images(tests)) if table["rows"]),
    ]


def _models(data_sets: Sequence[DataSet]) -> Iterator[tuple[DataSet, str]]:
    return ((data, model) for data in data_sets for model in data.models)


def _accuracies(data_sets: Sequence[DataSet]) -> WordTable:
    return {
        "name": "accuracy",
        "title": "Accuracy",
        "lead": "On the test images; mean ± standard deviation where a model was trained with "
        "several seeds, else with its 95 % interval.",
        "columns": ["data set", "model", "top-1", "95 % interval", "top-5", "runs"],
        "text_columns": 2,
        "rows": [
            [
                data.name,
                model,
                _share(data, model, "top1"),
                _interval(data, model),
                _share(data, model, "top5"),
                str(len(data.models[model])),
            ]
            for data, model in _models(data_sets)
        ],
        "note": "An answer is right if the most probable class is the image's label or lies below "
        "it. The interval (Wilson) is for other test images, not for another training.",
    }


def _training(data_sets: Sequence[DataSet]) -> WordTable:
    return {
        "name": "training",
        "title": "Training",
        "lead": "Top-1 accuracy on the images of the last epoch as they were learned from, on "
        "validation images and on test images.",
        "columns": [
            *("data set", "model", "image size", "epochs", "training time"),
            *("in training", "validation", "test", "test images"),
        ],
        "text_columns": 2,
        "rows": [
            [
                data.name,
                model,
                _range(count, data.figures(model, "image_size")),
                _range(compact, data.figures(model, "epochs")),
                duration(data.mean(model, "training_seconds")),
                *(_share(data, model, f) for f in ("train_top1", "validation_top1", "top1")),
                _range(count, data.figures(model, "images")),
            ]
            for data, model in _models(data_sets)
        ],
        "note": "Images that are learned from are augmented, where the recipe says so, and harder "
        "then.",
    }


def _costs(data_sets: Sequence[DataSet]) -> WordTable:
    return {
        "name": "costs",
        "title": "Cost",
        "lead": "Means over the seeds.",
        "columns": ["data set", "model", *(COSTS[name][0] for _, name in _columns())],
        "text_columns": 2,
        "rows": [
            [
                data.name,
                model,
                *(_cost(data, model, column, name) for column, name in _columns()),
            ]
            for data, model in _models(data_sets)
        ],
        "note": "Multiply–adds and images/s are of one view of an image. Times and memory are of "
        "the machine that measured, as busy as it was: compare them between runs of one machine "
        "only. After evaluate, memory is that of answering.",
    }


def _columns() -> list[tuple[str, str]]:
    """Columns of a row, and the figures of `COSTS` that they are."""
    return [("params", "parameters"), *((name, name) for name in _COSTS)]


def _cost(data: DataSet, model: str, column: str, name: str) -> str:
    value = data.mean(model, column)
    return MISSING if value is None else COSTS[name][1](value)


def _by_seeds(tests: Sequence[Test]) -> WordTable:
    return {
        "name": "tests-seeds",
        "title": "Differences over seeds",
        "lead": "Paired t-test over runs with the same seed and the same test images: what to "
        "expect if both models are trained anew, with other seeds.",
        "columns": [
            *("data set", "model", "minus", "top-1, points", "95 % interval", "p", "corrected"),
            "pairs",
        ],
        "text_columns": 3,
        "rows": [
            [
                test["dataset"],
                test["a"],
                test["b"],
                points(test["difference"]),
                _points_between(test["low"], test["high"]),
                _p(test["p_value"]),
                _p(test["p_corrected"]),
                count(test["n"]),
            ]
            for test in tests
            if test["kind"] == T
        ],
        "note": "Corrected by Holm's method for the number of tests in this table on the data "
        "set. Few pairs find large differences only: no small p-value is no proof of equality, "
        "and of fewer than 3 the differences over images decide. A dash: all pairs differ alike, "
        "so that nothing can be tested.",
    }


def _by_images(tests: Sequence[Test]) -> WordTable:
    return {
        "name": "tests-images",
        "title": "Differences over images",
        "lead": "McNemar's exact test, on the images that just one of two networks answers "
        "rightly: it speaks of these trained networks and of other images like these, not of "
        "what another training would give.",
        "columns": [
            *("data set", "model", "minus", "top-1, points", "95 % interval", "only the first"),
            *("only the second", "p", "corrected", "images", "seed"),
        ],
        "text_columns": 3,
        "rows": [
            [
                test["dataset"],
                test["a"],
                test["b"],
                points(test["difference"]),
                _points_between(test["low"], test["high"]),
                count(test["only_a"]),
                count(test["only_b"]),
                _p(test["p_value"]),
                _p(test["p_corrected"]),
                count(test["n"]),
                MISSING if test["seed"] is None else str(test["seed"]),
            ]
            for test in tests
            if test["kind"] == MCNEMAR
        ],
        "note": "Corrected by Holm's method for the number of tests in this table on the data "
        "set. Only the first, only the second: images that just that one answers rightly. A dash "
        "for the seed: the two have none in common, and their lowest were taken; for p: both are "
        "right on the same images.",
    }


def _share(data: DataSet, model: str, figure: str) -> str:
    return spread(data.mean(model, figure), data.deviation(model, figure), 2)


def _interval(data: DataSet, model: str) -> str:
    """Of the only run; of several the deviation tells more."""
    ends = [data.figures(model, end) for end in ("low", "high")]
    if len(ends[0]) > 1:
        return MISSING
    low, high = (percent(end, 2) for (end,) in ends)
    return f"{low.removesuffix(f'{THIN}%')} – {high}"


def _range(words: Callable[[float], str], values: Sequence[float]) -> str:
    """A figure that is usually the same in all runs."""
    ends = dict.fromkeys([min(values), max(values)]) if values else {}
    return " – ".join(map(words, ends)) or MISSING


def _points_between(low: float | None, high: float | None) -> str:
    return MISSING if low is None else f"{points(low)} to {points(high)}"


def _p(value: float | None) -> str:
    """A p-value as a cell.

    >>> _p(0.0123), _p(0.0001), _p(None)
    ('0.012', '< 0.001', '–')
    """
    return p_value(value).removeprefix("p ").removeprefix("= ")
