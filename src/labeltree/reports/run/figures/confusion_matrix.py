"""Which class was taken for which, from the branches down to single classes."""

from __future__ import annotations

import numpy as np

from labeltree.metrics import count_pairs
from labeltree.reports.charts import Confusion, ConfusionMatrices, Figure
from labeltree.reports.confusion import cells_table
from labeltree.reports.run.folder import RunFolder
from labeltree.reports.run.predictions import Predictions
from labeltree.reports.words import count, percent, plural

FEWEST_CLASSES = 3


def confusion_matrix(run: RunFolder) -> Figure | None:
    """The whole matrix; None without predictions or mistakes, or of fewer than three classes."""
    predictions = run.predictions
    if predictions is None or predictions.taxonomy.num_leaves < FEWEST_CLASSES:
        return None
    matrix = _matrix(predictions)
    images = sum(matrix.images)
    right = sum(
        times
        for truth, answer, times in zip(matrix.truths, matrix.answers, matrix.images, strict=True)
        if truth == answer
    )
    if right == images:
        return None
    chart = ConfusionMatrices((matrix,))
    inner = len(predictions) - images
    left_out = f" {plural(inner, 'image')} of no certain class left out." if inner else ""
    return Figure(
        name="confusion_matrix",
        title="Confusion matrix",
        lead=f"{count(right)} of {plural(images, 'test image')} ({percent(right / images)}) stand "
        f"on the diagonal: they got their own class.{_within(predictions)}",
        alt=f"Confusion matrix of {plural(len(matrix.paths), 'class', 'classes')}; its most "
        "frequent mistakes are in the table below.",
        panels=(chart,),
        table=cells_table(chart),
        note="Rows are what the images show, columns what was answered. Shades are shares of a "
        f"row's images; rare mistakes are drawn darker than their share.{left_out}",
    )


def _matrix(predictions: Predictions) -> Confusion:
    """Images whose class is known."""
    tree = predictions.taxonomy
    known = tree.is_leaf[predictions.targets]
    pairs = count_pairs(tree, predictions.answers[known], predictions.targets[known])
    return Confusion(
        keys=(),
        paths=tuple(tree.paths[leaf] for leaf in tree.leaves.tolist()),
        truths=tuple(tree.leaf_index[pairs.targets].tolist()),
        answers=tuple(tree.leaf_index[pairs.answers].tolist()),
        images=tuple(pairs.images.tolist()),
    )


def _within(predictions: Predictions) -> str:
    """How many mistakes stay near; empty where there is no branch to stay in."""
    tree = predictions.taxonomy
    wrong = np.flatnonzero(predictions.wrong & tree.is_leaf[predictions.targets])
    if tree.depth == 1 or not len(wrong):
        return ""
    tops = (
        tree.ancestor_at(nodes[wrong], 1) for nodes in (predictions.targets, predictions.answers)
    )
    near = int(np.equal(*tops).sum())
    return f" Of the {count(len(wrong))} others, {count(near)} stay in their top-level branch."
