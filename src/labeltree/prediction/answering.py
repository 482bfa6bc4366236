"""From a batch of pictures to rows of answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labeltree.decoding import Answer
from labeltree.decoding.checks import check_share
from labeltree.errors import ConfigError
from labeltree.prediction.decoding import Batch
from labeltree.prediction.sources import written_out
from labeltree.runtime import Predictor, answers, told
from labeltree.taxonomy import Probabilities, Taxonomy

Rows = dict[str, list[Any]]
"""Columns of one length, in their order; of a damaged image all but `image` and `problem` are
None. See `columns`."""


@dataclass(frozen=True)
class Question:
    """What a model is asked.

    Attributes:
        known: number of a node that all images are at or below, if one is known.
        target_accuracy: see `labeltree.runtime.answers`.
        top: how many of the most probable leaves are told.
        nodes: whether the probabilities of all nodes are.
    """

    known: int | None = None
    target_accuracy: float | None = None
    top: int = 5
    nodes: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot be answered.

        Raises:
            ConfigError: no share, or a negative number.
        """
        if self.target_accuracy is not None:
            check_share(self.target_accuracy)
        if self.top < 0:
            raise ConfigError(f"--top is {self.top}; give a number of labels, 0 for none")


def columns(predictor: Predictor, question: Question) -> list[str]:
    """The columns of all rows, in their order."""
    sets = ["labels", "presence"] if predictor.sets is not None else []
    return [
        *("image", "path", "probability", "depth", "steps", "step_probabilities", "reason"),
        *("top", "top_probabilities", *sets, "problem"),
        *(["nodes"] if question.nodes else []),
    ]


def answered(
    predictor: Predictor, batch: Batch, question: Question
) -> tuple[list[Answer], Probabilities]:
    """Answers for the pictures of a batch that can be read, and the node probabilities behind."""
    if not len(batch.views):
        return [], np.empty((0, predictor.taxonomy.num_nodes), dtype=np.float32)
    said = predictor(batch.views)
    found = answers(predictor, said, question.known, question.target_accuracy)
    return found, told(predictor.taxonomy, said.probabilities, question.known)


def rows(predictor: Predictor, batch: Batch, question: Question) -> Rows:
    """A row for each picture of a batch."""
    found, probabilities = answered(predictor, batch, question)
    top, chances = top_leaves(predictor.taxonomy, probabilities, question.top)
    good: Rows = {
        "path": [answer.path for answer in found],
        "probability": [answer.probability for answer in found],
        "depth": [len(answer.steps) for answer in found],
        "steps": [[path for path, _ in answer.steps] for answer in found],
        "step_probabilities": [[value for _, value in answer.steps] for answer in found],
        "reason": [answer.reason for answer in found],
        "top": top,
        "top_probabilities": chances,
        "labels": [[path for path, _ in answer.labels] for answer in found],
        "presence": [[value for _, value in answer.labels] for answer in found],
        "nodes": list(probabilities),
    }
    whole = {name: spread(good.get(name, []), batch.problems) for name in good}
    whole["image"] = [written_out(picture.name) for picture in batch.pictures]
    whole["problem"] = [problem and written_out(problem) for problem in batch.problems]
    return {name: whole[name] for name in columns(predictor, question)}


def spread(values: list[Any], problems: list[str | None]) -> list[Any]:
    """What is known of the readable pictures at their places, None at those of the others.

    >>> spread(["cat", "pug"], [None, "damaged", None])
    ['cat', None, 'pug']
    """
    each = iter(values)
    return [next(each) if problem is None else None for problem in problems]


def top_leaves(
    taxonomy: Taxonomy, probabilities: Probabilities, count: int
) -> tuple[list[list[str]], list[list[float]]]:
    """The most probable leaves of each image, the surest first, and their probabilities.

    Args:
        taxonomy: the tree.
        probabilities: shape `(n, num_nodes)`.
        count: as many for each image, or all that there are.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> top_leaves(tree, tree.roll_up(np.array([[0.25, 0.5, 0.25]])), 2)
    ([['dog/beagle', 'cat']], [[0.5, 0.25]])
    """
    leaves: NDArray[np.floating] = probabilities[:, taxonomy.leaves]
    count = min(count, taxonomy.num_leaves)
    if count < taxonomy.num_leaves:  # not all of 100,000 need to be sorted
        chosen = np.sort(np.argpartition(-leaves, count, axis=1)[:, :count], axis=1)
    else:
        chosen = np.broadcast_to(np.arange(count), leaves.shape)
    values = np.take_along_axis(leaves, chosen, axis=1)
    order = np.take_along_axis(chosen, np.argsort(-values, axis=1, kind="stable"), axis=1)
    paths = np.array([taxonomy.paths[leaf] for leaf in taxonomy.leaves], dtype=object)
    return paths[order].tolist(), np.take_along_axis(leaves, order, axis=1).tolist()
