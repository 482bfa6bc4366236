"""The most frequent confusions, with pictures of them."""

from __future__ import annotations

import numpy as np

from labeltree.metrics import ConfusedPair, confused_pairs
from labeltree.reports.charts import Figure, Pair, Pairs, Picture, Table
from labeltree.reports.run.folder import RunFolder
from labeltree.reports.run.predictions import Predictions
from labeltree.reports.words import count, node_labels, percent, plural, printable, shorten
from labeltree.taxonomy import Taxonomy

MOST_PAIRS = 12
MOST_PICTURES = 6
MOST_TABLE_ROWS = 100
LONGEST_NAME = 44


def confusions(run: RunFolder) -> Figure | None:
    """The most confused pairs; None without predictions or without a mistake."""
    predictions = run.predictions
    if predictions is None:
        return None
    tree = predictions.taxonomy
    found = confused_pairs(tree, predictions.answers, predictions.targets, MOST_TABLE_ROWS)
    if not found:
        return None
    labels = node_labels(tree)
    pairs = tuple(_pair(run, predictions, one, labels) for one in found[:MOST_PAIRS])
    most = pairs[0]
    return Figure(
        name="confusions",
        title="What it confuses",
        lead=f"Most often, {most.truth} is taken for {most.answer}: {count(most.images)} of its "
        f"{plural(most.asked, 'test image')}.",
        alt="Bars: "
        + "; ".join(f"{pair.truth} taken for {pair.answer}: {pair.images}" for pair in pairs[:5]),
        panels=(Pairs(pairs),),
        table=_table(tree, found),
        note="A pair is counted in one direction: what the image shows, then what was answered. "
        "The pictures are the surest of these mistakes, with the confidence of the wrong answer.",
    )


def _pair(run: RunFolder, predictions: Predictions, found: ConfusedPair, labels: list[str]) -> Pair:
    return Pair(
        truth=shorten(labels[found.target], LONGEST_NAME),
        answer=shorten(labels[found.answer], LONGEST_NAME),
        images=found.images,
        asked=round(found.images / found.share),
        pictures=_pictures(run, predictions, found),
    )


def _pictures(run: RunFolder, predictions: Predictions, found: ConfusedPair) -> tuple[Picture, ...]:
    """The surest mistakes of this kind that have a thumbnail."""
    of_kind = (predictions.targets == found.target) & (predictions.answers == found.answer)
    images = np.flatnonzero(of_kind)
    surest = images[np.argsort(-predictions.confidences[images], kind="stable")]
    return tuple(
        Picture(run.examples[image], percent(predictions.confidences[image], 0))
        for image in surest.tolist()
        if image in run.examples
    )[:MOST_PICTURES]


def _table(tree: Taxonomy, found: list[ConfusedPair]) -> Table:
    rows = tuple(
        (
            printable(tree.paths[one.target]),
            printable(tree.paths[one.answer]),
            count(one.images),
            percent(one.share),
        )
        for one in found
    )
    return Table(("truth", "answer", "images", "of the truth's images"), rows, 2)
