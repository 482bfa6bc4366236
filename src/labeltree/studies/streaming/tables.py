"""The measured figures as tables 1 to 5, beside the paper's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from labeltree.reports.words import decimal, percent, plural, points
from labeltree.studies.cells import mean_cell
from labeltree.studies.streaming.paper import (
    LOSSES,
    NORMAL,
    ROWS,
    SINGLE_LABEL,
    SINGLE_TARGET_SECONDS,
    PaperRow,
)
from labeltree.studies.streaming.plan import MARGIN, SINGLE
from labeltree.studies.streaming.results import BEFORE, Key, Results

Table = dict[str, Any]
_NONE = PaperRow("", "")


def tables(results: Results, again: Sequence[Mapping[str, Any]]) -> list[Table]:
    """For the record: the paper's five tables, protections, and learning everything again."""
    lead = f"Mean ± standard deviation over {plural(results.num_seeds, 'seed')}."
    found = [
        _single_label(results, lead),
        _losses(results, lead),
        _bases(results, lead),
        _streamed(results, lead),
        *(_protections(results, base, lead) for base in results.protected),
        _epochs(results, again),
        _again(again, lead),
    ]
    return [table for table in found if table["rows"]]


def _single_label(results: Results, lead: str) -> Table:
    return {
        "name": "table-1",
        "title": "Table 1: single labels, softmax",
        "lead": lead,
        "columns": ["network", "top-1", "top-5", "paper: top-1", "top-5"],
        "text_columns": 1,
        "rows": [
            [base.model, *_cells(results, base, "base_top1", "base_top5"), *_shares(printed)]
            for base in results.bases
            if base.loss == SINGLE
            for printed in [SINGLE_LABEL.get(base.model, (None, None))]
        ],
        "note": "The paper's networks saw 120 breeds of dogs; so everywhere below.",
    }


def _losses(results: Results, lead: str) -> Table:
    bases = [base for base in results.bases if base.loss != SINGLE]
    losses = Counter((base.model, base.variant) for base in bases)
    return {
        "name": "table-2",
        "title": "Table 2: losses for several labels",
        "lead": f"Accuracy after learning single labels. {lead}",
        "columns": ["network", "variant", "loss", "top-5", "top-1", "paper: top-5", "top-1"],
        "text_columns": 3,
        "rows": [
            [
                base.model,
                base.variant,
                base.loss,
                *_cells(results, base, "base_top5", "base_top1"),
                *_shares(_printed_loss(base)),
            ]
            for base in bases
            if losses[base.model, base.variant] > 1
        ],
        "note": "margin and soft margin are means over the classes, as published; bce is the soft "
        "margin summed over the classes, so that the gradient of a class does not shrink with "
        "their number; asymmetric is Ridnik et al.'s (2021).",
    }


def _printed_loss(base: Key) -> tuple[float | None, float | None]:
    top1, top5 = LOSSES.get((base.model, base.loss), (None, None))
    return (top5, top1) if base.variant == NORMAL else (None, None)


def _bases(results: Results, lead: str) -> Table:
    return {
        "name": "table-3",
        "title": "Table 3: networks before streaming",
        "lead": f"Margin loss, single labels. {lead}",
        "columns": ["network", "variant", "top-5", "top-1", "paper: top-5", "top-1"],
        "text_columns": 2,
        "rows": [
            [
                base.model,
                base.variant,
                *_cells(results, base, "base_top5", "base_top1"),
                *_shares((printed.base_top5, printed.base_top1)),
            ]
            for base in results.bases
            if base.loss == MARGIN
            for printed in [_printed(base)]
        ],
    }


def _streamed(results: Results, lead: str) -> Table:
    return {
        "name": "table-4",
        "title": "Table 4: streaming without protection",
        "lead": f"Top-5: of the original images before and after, of the new ones after. {lead}",
        "columns": [
            "network", "variant", "loss", "base", "original", "streaming: all", "any",
            "paper: base", "original", "streaming",
        ],
        "text_columns": 3,
        "rows": [
            [
                key.model,
                key.variant,
                key.loss,
                *_cells(results, key, "base_top5", *_STREAMED),
                *_shares((printed.base_top5, printed.original_top5, printed.streaming_top5)),
            ]
            for key in results.unprotected()
            for printed in [_printed(key) if key.loss == MARGIN else _NONE]
        ],
        "note": "all: both labels of a combination are among the five most probable; any: one of "
        "them is. The paper does not say which it counts.",
    }  # fmt: skip


_EPOCHS = ("original_epoch_seconds", "streaming_epoch_seconds")
_STREAMED = ("original_top5", "streaming_top5_all", "streaming_top5_any")


def _protections(results: Results, base: Key, lead: str) -> Table:
    def row(key: Key, name: str) -> list[str | None]:
        change = None if key.protection == BEFORE else _change(results, key)
        figures = ("original_top1", "original_top5")
        new = ("streaming_top5_all", "streaming_top5_any", "streaming_map")
        return [name, *_cells(results, key, *figures), change, *_cells(results, key, *new)]

    return {
        "name": f"protections-{base.loss.replace(' ', '-')}",
        "title": f"Protections: {base.model} {base.variant}, {base.loss}",
        "lead": f"Of the original images, and of the new ones. {lead}",
        "columns": [
            "protection", "original top-1", "top-5", "change", "streaming: all", "any", "mAP",
        ],
        "text_columns": 1,
        "rows": [
            row(base, "before streaming"),
            *(row(key, key.protection) for key in results.protections(base)),
        ],
        "note": "change: of the original top-5, in points.",
    }  # fmt: skip


def _change(results: Results, key: Key) -> str:
    values = results.change(key)
    spread = f" ± {decimal(100 * float(values.std(ddof=1)), 2)}" if len(values) > 1 else ""
    return f"{points(float(values.mean()))}{spread}"


def _epochs(results: Results, again: Sequence[Mapping[str, Any]]) -> Table:
    rows = [
        [
            key.model,
            key.variant,
            *(decimal(results.mean(key, name), 2) for name in _EPOCHS),
            decimal(results.mean_ratio(key, *_EPOCHS), 1),
            *_seconds((printed.original_epoch_seconds, printed.streaming_epoch_seconds)),
        ]
        for key in results.unprotected()
        if key.loss == MARGIN
        for printed in [_printed(key)]
    ]
    if single := [row for row in again if row["labels"] == "classes"]:
        flat = Key(single[0]["model"], single[0]["variant"], single[0]["loss"])
        before = results.mean(flat, "original_epoch_seconds")
        after = float(np.mean([row["epoch_seconds"] for row in single]))
        rows.insert(0, [
            f"Single-target {flat.model}", flat.variant, decimal(before, 2), decimal(after, 2),
            decimal(before / after, 1), *_seconds(SINGLE_TARGET_SECONDS),
        ])  # fmt: skip
    return {
        "name": "table-5",
        "title": "Table 5: seconds of an epoch",
        "lead": "Of training steps, without validation; means over seeds.",
        "columns": [
            "network", "variant", "original", "streaming", "ratio", "paper: original", "streaming",
        ],
        "text_columns": 2,
        "rows": rows,
        "note": "The single-target network learns everything again once there are new classes. The "
        "paper's epochs include validation.",
    }  # fmt: skip


def _again(again: Sequence[Mapping[str, Any]], lead: str) -> Table:
    names = ("original_top1", "original_top5", "streaming_top5_all", "streaming_top5_any")
    groups: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for row in again:
        epochs = f"{row['epochs']:g}"
        key = (row["model"], row["variant"], row["loss"], row["labels"], epochs)
        groups.setdefault(key, []).append(row)
    return {
        "name": "again",
        "title": "Everything learned again from scratch",
        "lead": f"On the original and the new training images together. {lead}",
        "columns": [
            "network", "variant", "loss", "labels", "epochs", "seconds",
            "original top-1", "top-5", "streaming: all", "any",
        ],
        "text_columns": 4,
        "rows": [
            [
                *key,
                decimal(float(np.mean([row["seconds"] for row in rows])), 1),
                *(mean_cell(np.array([row[name] for row in rows])) for name in names),
            ]
            for key, rows in groups.items()
        ],
        "note": "sets: combinations are label sets; classes: each is a class of its own.",
    }  # fmt: skip


def _printed(key: Key) -> PaperRow:
    found = (row for row in ROWS if (row.model, row.variant) == (key.model, key.variant))
    return next(found, _NONE)


def _cells(results: Results, key: Key, *names: str) -> list[str | None]:
    figures = (results.figure(key, name) for name in names)
    return [mean_cell(values) if len(values) else None for values in figures]


def _shares(values: Sequence[float | None]) -> list[str | None]:
    return [None if value is None else percent(value) for value in values]


def _seconds(values: Sequence[float | None]) -> list[str | None]:
    return [None if value is None else decimal(value, 1) for value in values]
