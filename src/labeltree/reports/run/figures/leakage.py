"""How often images of one top-level branch are answered with a class of another."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from labeltree import metrics
from labeltree.reports.charts import Figure, Heatmap, Table
from labeltree.reports.run.folder import RunFolder
from labeltree.reports.words import count, listed, node_labels, percent, plural, shorten

MOST_BRANCHES = 50
BRANCHES = ("top-level branch", "top-level branches")
MOST_TABLE_ROWS = 60


def leakage(run: RunFolder) -> Figure | None:
    """Shares of images that leak between branches; None where nothing can or does leak."""
    predictions = run.predictions
    if predictions is None or predictions.taxonomy.num_children[0] < 2:
        return None
    tree = predictions.taxonomy
    found = metrics.leakage(tree, predictions.answers, predictions.targets)
    if not found.leaked > 0:  # nor where there is no image
        return None
    names = node_labels(tree)[1 : 1 + len(found.nodes)]
    names, images = _folded(names, found.pairs)
    asked = np.maximum(images.sum(axis=1, keepdims=True), 1)
    shares = images / asked
    np.fill_diagonal(shares, np.nan)
    one, many = ("class", "classes") if tree.depth == 1 else BRANCHES
    flows = _largest_flows(images)
    top = [
        f"{shorten(names[truth])} into {shorten(names[answer])} ({percent(shares[truth, answer])})"
        for truth, answer in flows[:2]
    ]
    return Figure(
        name="leakage",
        title=f"What leaks between {many}",
        lead=f"{percent(found.leaked)} of the images leave their {one}; most of all {listed(top)}.",
        alt=f"Heat map of {plural(len(names), one, many)}: share of the images of each row's "
        f"{one} that is answered within each column's.",
        panels=(_heatmap(names, shares, images),),
        table=_table(names, flows, images, shares),
        note="A row adds up to the share of its images that leave; images that stay "
        "(the diagonal) are left blank, so that the leaks can be seen.",
    )


def _folded(names: list[str], pairs: metrics.PairCounts) -> tuple[list[str], NDArray[np.int64]]:
    """Images by truth and answer, only the leakiest branches where there are too many to read.

    Returns:
        The names of the branches, the rest being one, and counts of shape `(names, names)`.
    """
    truths, answers = pairs.targets - 1, pairs.answers - 1
    place = np.arange(len(names))
    if len(names) > MOST_BRANCHES:
        apart = truths != answers
        leaks = np.zeros(len(names), dtype=np.int64)
        for branches in (truths[apart], answers[apart]):
            np.add.at(leaks, branches, pairs.images[apart])
        kept = np.sort(np.argsort(-leaks, kind="stable")[: MOST_BRANCHES - 1])
        place[:] = len(kept)
        place[kept] = np.arange(len(kept))
        names = [names[branch] for branch in kept] + [f"{count(len(names) - len(kept))} others"]
    images = np.zeros((len(names), len(names)), dtype=np.int64)
    np.add.at(images, (place[truths], place[answers]), pairs.images)
    return names, images


def _largest_flows(images: NDArray[np.int64]) -> list[tuple[int, int]]:
    between = images.copy()
    np.fill_diagonal(between, 0)
    order = np.argsort(-between, axis=None, kind="stable")[: np.count_nonzero(between)]
    rows, columns = np.unravel_index(order, images.shape)
    return list(zip(rows.tolist(), columns.tolist(), strict=True))


def _heatmap(names: list[str], shares: NDArray[np.float64], images: NDArray[np.int64]) -> Heatmap:
    hover = tuple(
        tuple(
            f"{truth} → {answer}: {plural(int(n), 'image')}"
            for answer, n in zip(names, row, strict=True)
        )
        for truth, row in zip(names, images, strict=True)
    )
    short = tuple(shorten(name, 24) for name in names)
    return Heatmap(
        rows=short,
        columns=short,
        values=tuple(tuple(row) for row in shares.tolist()),
        row_label="what the image shows",
        column_label="what was answered",
        scale_label="leaked",
        hover=hover,
    )


def _table(
    names: list[str],
    flows: list[tuple[int, int]],
    images: NDArray[np.int64],
    shares: NDArray[np.float64],
) -> Table:
    rows = tuple(
        (names[truth], names[answer], count(images[truth, answer]), percent(shares[truth, answer]))
        for truth, answer in flows[:MOST_TABLE_ROWS]
    )
    return Table(
        ("truth", "answer", "images", "of the truth's images"), rows, 2, len(flows) - len(rows)
    )
