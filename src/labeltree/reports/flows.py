"""Images by the branch of their label and of their answer, few enough branches to be read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labeltree.reports.charts import Heatmap, Table
from labeltree.reports.words import count, percent, plural, shorten

Counts = NDArray[np.int64]

MOST_TABLE_ROWS = 60
LONGEST_NAME = 24


@dataclass(frozen=True, eq=False)
class Flows:
    """Images by truth (rows) and answer (columns).

    Attributes:
        names: of the branches; the last may stand for all others.
        images: counts, shape `(names, names)`.
        asked: images of each truth, shape `(names,)`, also those answered with none of the names.
    """

    names: list[str]
    images: Counts
    asked: Counts

    @property
    def shares(self) -> NDArray[np.float64]:
        """Shares of the images of each row; NaN on the diagonal, so that the leaks can be seen."""
        shares: NDArray[np.float64] = self.images / np.maximum(self.asked, 1)[:, None]
        np.fill_diagonal(shares, np.nan)
        return shares

    def first(self, many: int) -> Flows:
        """The flows between the first branches alone."""
        return Flows(self.names[:many], self.images[:many, :many], self.asked[:many])

    def largest(self) -> list[tuple[int, int]]:
        """From where to where images leak, the most first."""
        between = self.images.copy()
        np.fill_diagonal(between, 0)
        order = np.argsort(-between, axis=None, kind="stable")[: np.count_nonzero(between)]
        rows, columns = np.unravel_index(order, between.shape)
        return list(zip(rows.tolist(), columns.tolist(), strict=True))


def folded(names: list[str], truths: Counts, answers: Counts, images: Counts, most: int) -> Flows:
    """Flows between the leakiest branches; the rest are one where there are more than `most`.

    Args:
        names: of all branches.
        truths: places in `names`, shape `(k,)`.
        answers: places in `names`, shape `(k,)`.
        images: how many each time, shape `(k,)`; also where truth and answer are the same.
        most: branches that are kept, with the rest.
    """
    place = np.arange(len(names))
    if len(names) > most:
        apart = truths != answers
        leaks = np.zeros(len(names), dtype=np.int64)
        for branches in (truths[apart], answers[apart]):
            np.add.at(leaks, branches, images[apart])
        kept = np.sort(np.argsort(-leaks, kind="stable")[: most - 1])
        place[:] = len(kept)
        place[kept] = np.arange(len(kept))
        names = [names[branch] for branch in kept] + [f"{count(len(names) - len(kept))} others"]
    table = np.zeros((len(names), len(names)), dtype=np.int64)
    np.add.at(table, (place[truths], place[answers]), images)
    return Flows(names, table, table.sum(axis=1))


def flow_heatmap(flows: Flows) -> Heatmap:
    """The shares as a grid; hovering tells the images."""
    hover = tuple(
        tuple(
            f"{truth} → {answer}: {plural(int(n), 'image')}"
            for answer, n in zip(flows.names, row, strict=True)
        )
        for truth, row in zip(flows.names, flows.images, strict=True)
    )
    short = tuple(shorten(name, LONGEST_NAME) for name in flows.names)
    return Heatmap(
        rows=short,
        columns=short,
        values=tuple(tuple(row) for row in flows.shares.tolist()),
        row_label="what the image shows",
        column_label="what was answered",
        scale_label="leaked",
        hover=hover,
    )


def flow_table(flows: Flows) -> Table:
    """The largest flows."""
    found, shares = flows.largest(), flows.shares
    rows = tuple(
        (
            flows.names[truth],
            flows.names[answer],
            count(flows.images[truth, answer]),
            percent(shares[truth, answer]),
        )
        for truth, answer in found[:MOST_TABLE_ROWS]
    )
    head = ("truth", "answer", "images", "of the truth's images")
    return Table(head, rows, 2, len(found) - len(rows))
