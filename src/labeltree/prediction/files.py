"""Answers for images one by one, as they are shown to people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass

from labeltree.decoding import Answer
from labeltree.prediction.answering import Question, answered, spread
from labeltree.prediction.decoding import batches, sensible_batch_size
from labeltree.prediction.looking import looked_at
from labeltree.prediction.sources import Picture, picture_in_file
from labeltree.runtime import Predictor


@dataclass(frozen=True)
class FileAnswer:
    """What a model says of one image: an answer, or why it cannot be read.

    Attributes:
        image: its name.
        answer: None for a damaged image.
        problem: None for all others.
    """

    image: str
    answer: Answer | None
    problem: str | None = None


def predict_files(
    predictor: Predictor, paths: Iterable[str], known: int | None = None
) -> Iterator[FileAnswer]:
    """Answer for image files, in order; damaged ones are told, not raised.

    Args:
        predictor: see `labeltree.prediction.open_predictor`; of a routed model all experts must
            answer if a node is known.
        paths: image files; an endless iterator will do.
        known: a node that all images are at or below, if one is known.

    Yields:
        One answer for each path.
    """
    yield from predict_pictures(predictor, map(picture_in_file, paths), Question(known))


def predict_pictures(
    predictor: Predictor,
    pictures: Iterable[Picture],
    question: Question,
    batch_size: int | None = None,
) -> Iterator[FileAnswer]:
    """The same for pictures of any source.

    Args:
        predictor: as above.
        pictures: see `labeltree.prediction.sources`.
        question: what is asked; `top` and `nodes` do not matter here.
        batch_size: images that are looked at together; None is `sensible_batch_size`.
    """
    shape = predictor.preprocessing
    size = batch_size or sensible_batch_size(shape)
    with (
        closing(batches(pictures, shape, size)) as decoded,
        closing(looked_at(predictor, decoded)) as looks,
    ):
        for batch, said in looks:
            found, _ = answered(predictor, said, question)
            answers = spread(list(found), batch.problems)
            told = zip(batch.pictures, answers, batch.problems, strict=True)
            for picture, answer, problem in told:
                yield FileAnswer(picture.name, answer, problem)
