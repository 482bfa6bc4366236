"""From a batch of pictures to rows of answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from labeltree.decoding import Answer
from labeltree.decoding.checks import check_share
from labeltree.errors import ConfigError
from labeltree.prediction.decoding import Batch
from labeltree.prediction.sources import written_out
from labeltree.runtime import Predicted, Predictor, answers, told, top_leaves
from labeltree.taxonomy import Probabilities

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
    predictor: Predictor, said: Predicted | None, question: Question
) -> tuple[list[Answer], Probabilities]:
    """Answers for images, and the node probabilities behind them.

    Args:
        predictor: the model.
        said: what it says of them; None if there are none.
        question: what is asked.
    """
    if said is None:
        return [], np.empty((0, predictor.taxonomy.num_nodes), dtype=np.float32)
    found = answers(predictor, said, question.known, question.target_accuracy)
    return found, told(predictor.taxonomy, said.probabilities, question.known)


def rows(predictor: Predictor, batch: Batch, said: Predicted | None, question: Question) -> Rows:
    """A row for each picture of a batch; see `labeltree.prediction.looking.looked_at`."""
    found, probabilities = answered(predictor, said, question)
    tree = predictor.taxonomy
    top, chances = top_leaves(tree, probabilities, question.top)
    good: Rows = {
        "path": [answer.path for answer in found],
        "probability": [answer.probability for answer in found],
        "depth": [len(answer.steps) for answer in found],
        "steps": [[path for path, _ in answer.steps] for answer in found],
        "step_probabilities": [[value for _, value in answer.steps] for answer in found],
        "reason": [answer.reason for answer in found],
        "top": [[tree.paths[leaf] for leaf in leaves] for leaves in top.tolist()],
        "top_probabilities": chances.tolist(),
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
