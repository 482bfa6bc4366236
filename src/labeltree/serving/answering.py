"""From what a model says of images to what a client is told of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import orjson

from labeltree.runtime import Predicted, Predictor, answers, told, top_leaves
from labeltree.serving.ladder import ladders
from labeltree.serving.questions import Question, known_node
from labeltree.taxonomy import Probabilities, Taxonomy


def results(predictor: Predictor, said: Predicted, question: Question) -> list[dict[str, Any]]:
    """What is told of each image, ready for JSON; the images share one question.

    Args:
        predictor: the model.
        said: what it says of `B` images.
        question: what is asked of them.

    Returns:
        `B` dictionaries with `answer`, `top` and, if asked for, `nodes` and `ladder`.

    Raises:
        ValueError: it says what is no number, which JSON could not tell.
    """
    if not np.isfinite(said.probabilities).all():
        raise ValueError("some probabilities are no numbers")
    tree, known = predictor.taxonomy, known_node(predictor, question)
    found = answers(predictor, said, known, question.target_accuracy)
    probabilities = told(tree, said.probabilities, known)
    rows = [
        {"answer": answer.to_dict(), "top": top}
        for answer, top in zip(found, surest(tree, probabilities, question.top), strict=True)
    ]
    if question.nodes:
        for row, values in zip(rows, probabilities, strict=True):
            row["nodes"] = values.tolist()
    if question.ladder:
        rungs = ladders(tree, predictor.decoder, probabilities)
        for row, ladder in zip(rows, rungs, strict=True):
            row["ladder"] = ladder
    return rows


def surest(taxonomy: Taxonomy, probabilities: Probabilities, count: int) -> list[list[Any]]:
    """The most probable leaves of each image, with their probabilities.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> surest(tree, tree.roll_up(np.array([[0.25, 0.5, 0.25]])), 2)[0]
    [{'path': 'dog/beagle', 'probability': 0.5}, {'path': 'cat', 'probability': 0.25}]
    """
    nodes, chances = (array.tolist() for array in top_leaves(taxonomy, probabilities, count))
    paths = taxonomy.paths
    return [
        [{"path": paths[node], "probability": chance} for node, chance in zip(*row, strict=True)]
        for row in zip(nodes, chances, strict=True)
    ]


def predictions_json(
    predictor: Predictor, rows: Sequence[dict[str, Any]], error: str = ""
) -> bytes:
    """The body of an answer to `POST /predict`.

    Args:
        predictor: the model.
        rows: one for each image: `image`, `problem` and what `results` tells.
        error: why the status is not 200.
    """
    said = {"model": predictor.name, "backend": predictor.backend}
    head = orjson.dumps({"error": error, **said} if error else said)
    results = b",".join(map(orjson.dumps, rows))  # one by one: other threads come in between
    return b'%b,"results":[%b]}' % (head[:-1], results)
