"""Answers for images without labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from labeltree.data.collection import Collection
from labeltree.data.images import FileImages
from labeltree.decoding import given
from labeltree.decoding.answer import Answer, Steps
from labeltree.errors import BadImageError
from labeltree.runs.evaluation import raw_scores
from labeltree.runs.model_folder import Model
from labeltree.taxonomy import Probabilities

_CHUNK = 1024


@dataclass(frozen=True)
class FileAnswer:
    """What a model says of one file: an answer, or why the file cannot be read."""

    image: str
    answer: Answer | None
    problem: str | None = None


def predict_files(
    model: Model, paths: Sequence[str], known: int | None = None
) -> Iterator[FileAnswer]:
    """Answer for image files, in order; damaged ones are told, not raised.

    Args:
        model: see `load_model`.
        paths: image files.
        known: a node that all images are at or below, if one is known; of a routed model all
            experts answer then.

    Yields:
        One answer for each path.
    """
    model = model.asking(None, told=bool(known))  # at the root, nothing is known
    for start in range(0, len(paths), _CHUNK):
        chunk = paths[start : start + _CHUNK]
        problems = dict(_problems(chunk))
        good = [path for path in chunk if path not in problems]
        nowhere = np.zeros(len(good), dtype=np.int64)  # the root: nothing is known
        images = Collection(model.taxonomy, FileImages(good), nowhere)
        answers = dict(zip(good, _answers(model, images, known), strict=True))
        for path in chunk:
            yield FileAnswer(path, answers.get(path), problems.get(path))


def _answers(model: Model, images: Collection, known: int | None) -> list[Answer]:
    said = raw_scores(model, images)
    decoded = model.decoder(model.taxonomy, said.probabilities)
    if known is not None:
        decoded = given(model.taxonomy, decoded, np.full(len(images), known))
    answers = model.decoder.explained(model.taxonomy, decoded, _fitted_with(model))
    if said.presence is None:
        return answers
    labels = _labels(model, said.presence, known)
    return [replace(answer, labels=steps) for answer, steps in zip(answers, labels, strict=True)]


def _labels(model: Model, presence: Probabilities, known: int | None) -> Iterator[Steps]:
    """The leaves that are answered, the surest first; some are always at or below what is known."""
    assert model.sets is not None
    tree = model.taxonomy
    answered = model.sets.answers(presence)
    if known is not None:
        below = np.flatnonzero(tree.is_at_or_below(tree.leaves, np.array(known)))
        rows = np.flatnonzero(~answered[:, below].any(axis=1))
        answered[rows, below[presence[np.ix_(rows, below)].argmax(axis=1)]] = True
    for row, shown in zip(presence, answered, strict=True):
        places = np.flatnonzero(shown)
        order = places[np.argsort(-row[places], kind="stable")]
        yield tuple((tree.paths[tree.leaves[place]], float(row[place])) for place in order)


def _fitted_with(model: Model) -> str:
    """What the decoder's promise holds for, if not for the answers that are given."""
    return f"with {model.fitted_routing} routing" if model.fitted_routing else ""


def _problems(paths: Sequence[str]) -> Iterator[tuple[str, str]]:
    images = FileImages(paths)
    for number, path in enumerate(paths):
        try:
            images.verify(number)
        except BadImageError as error:
            yield path, str(error)
