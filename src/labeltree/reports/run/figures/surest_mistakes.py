"""Wrong answers given with the greatest confidence: hard images, or wrong labels."""

from __future__ import annotations

import numpy as np

from labeltree.reports.charts import Figure, Gallery, Picture, Table
from labeltree.reports.run.folder import RunFolder
from labeltree.reports.words import count, node_labels, percent, printable, shorten

MOST_PICTURES = 24
SURE = 0.5


def surest_mistakes(run: RunFolder) -> Figure | None:
    """Mistakes above 50 % confidence that have a thumbnail; None where there is none."""
    predictions = run.predictions
    if predictions is None:
        return None
    wrong = np.flatnonzero(predictions.wrong & (predictions.confidences >= SURE))
    order = wrong[np.argsort(-predictions.confidences[wrong], kind="stable")]
    images = [image for image in order.tolist() if image in run.examples][:MOST_PICTURES]
    if not images:
        return None
    tree, labels = predictions.taxonomy, node_labels(predictions.taxonomy)
    pictures, rows = [], []
    for image in images:
        truth, answer = int(predictions.targets[image]), int(predictions.answers[image])
        sure = percent(predictions.confidences[image], 0)
        words = f"{shorten(labels[truth], 22)}, not {shorten(labels[answer], 22)} ({sure})"
        pictures.append(Picture(run.examples[image], words))
        rows.append((printable(tree.paths[truth]), printable(tree.paths[answer]), str(image), sure))
    return Figure(
        name="surest_mistakes",
        title="Its surest mistakes",
        lead="Wrong, and sure of it. Worth a look: some of these labels may be what is wrong.",
        alt=f"{count(len(pictures))} test images that were answered wrongly with great confidence.",
        panels=(Gallery(tuple(pictures)),),
        table=Table(("truth", "answer", "test image", "confidence"), tuple(rows), 2),
        note="Under each picture: its label, then the answer with its confidence.",
    )
