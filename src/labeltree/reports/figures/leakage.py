"""How often images of one top-level branch are answered with a class of another."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from labeltree.reports.charts import Figure, Heatmap, Table
from labeltree.reports.predictions import Nodes
from labeltree.reports.run_folder import RunFolder
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
    known = predictions.targets > 0
    truths = tree.ancestor_at(predictions.targets[known], 1) - 1
    answers = tree.ancestor_at(predictions.answers[known], 1) - 1
    if (truths == answers).all():
        return None
    leaks = float((truths != answers).mean())
    names = node_labels(tree)[1 : 1 + int(tree.num_children[0])]
    names, truths, answers = _fold(names, truths, answers)
    images = np.zeros((len(names), len(names)), dtype=np.int64)
    np.add.at(images, (truths, answers), 1)
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
        lead=f"{percent(leaks)} of the images leave their {one}; most of all {listed(top)}.",
        alt=f"Heat map of {plural(len(names), one, many)}: share of the images of each row's "
        f"{one} that is answered within each column's.",
        panels=(_heatmap(names, shares, images),),
        table=_table(names, flows, images, shares),
        note="A row adds up to the share of its images that leave; images that stay "
        "(the diagonal) are left blank, so that the leaks can be seen.",
    )


def _fold(names: list[str], truths: Nodes, answers: Nodes) -> tuple[list[str], Nodes, Nodes]:
    """Keep the leakiest branches where there are too many to read; the rest becomes one."""
    if len(names) <= MOST_BRANCHES:
        return names, truths, answers
    apart = truths != answers
    leaks = np.bincount(truths[apart], minlength=len(names))
    leaks += np.bincount(answers[apart], minlength=len(names))
    kept = np.sort(np.argsort(-leaks, kind="stable")[: MOST_BRANCHES - 1])
    place = np.full(len(names), len(kept))
    place[kept] = np.arange(len(kept))
    folded = [names[branch] for branch in kept] + [f"{count(len(names) - len(kept))} others"]
    return folded, place[truths], place[answers]


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
