"""The most frequent mistakes of each matrix, as a table."""

from __future__ import annotations

import numpy as np

from labeltree.reports.charts import Confusion, ConfusionMatrices, Table
from labeltree.reports.words import count, percent, printable

MOST_ROWS, LEAST_ROWS = 100, 10  # in all, of each matrix


def cells_table(chart: ConfusionMatrices) -> Table:
    """Cells off the diagonal, of each matrix the largest first."""
    each = max(LEAST_ROWS, MOST_ROWS // max(len(chart.matrices), 1))
    rows: list[tuple[str, ...]] = []
    cells = 0
    for one in chart.matrices:
        found = _mistakes(one, each)
        rows += found
        cells += sum(truth != answer for truth, answer in zip(one.truths, one.answers, strict=True))
    return Table(
        head=(*chart.filters, "truth", "answer", "images", "of the truth's images"),
        rows=tuple(rows),
        text_columns=len(chart.filters) + 2,
        left_out=cells - len(rows),
    )


def _mistakes(one: Confusion, most: int) -> list[tuple[str, ...]]:
    truths, answers, images = (
        np.array(column, dtype=np.int64) for column in (one.truths, one.answers, one.images)
    )
    asked = np.bincount(truths, weights=images, minlength=len(one.paths))
    wrong = np.flatnonzero(truths != answers)
    largest = wrong[np.argsort(-images[wrong], kind="stable")[:most]]
    return [
        (
            *(printable(key) for key in one.keys),
            printable(one.paths[truths[cell]]),
            printable(one.paths[answers[cell]]),
            count(images[cell]),
            percent(images[cell] / asked[truths[cell]]),
        )
        for cell in largest.tolist()
    ]
