"""What turns the scores of a trained method into answers, chosen on validation images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from labeltree.data.collection import Collection
from labeltree.data.joining import joined
from labeltree.decoding import Decoder, SetDecoder
from labeltree.recipes import Recipe
from labeltree.runs.going_on import Base
from labeltree.runs.original import Original
from labeltree.runs.preparation import PreparedImages
from labeltree.training.evaluation import Scores


@dataclass(frozen=True)
class Chosen:
    """Temperature and back-off, and thresholds where labels do not exclude each other."""

    decoder: Decoder
    sets: SetDecoder | None = None


def choose(
    recipe: Recipe, images: PreparedImages, validation: Scores, original: Original | None
) -> Chosen:
    """Everything that is fitted after training.

    A model that went on from another one is fitted on the validation images of both; where those
    of the old one are gone, what was fitted on them stays, and only new leaves get thresholds.

    Args:
        recipe: how far to back off.
        images: of the training.
        validation: what the method says of their validation split.
        original: what it says of the old images, if there are any to ask.
    """
    part = images.splits.validation
    if original is not None:
        part = joined(part, original.validation)
        validation = _joined(validation, original.validation_scores)
    elif images.base is not None:
        return _carried_over(images.base, part, validation)
    tree = part.taxonomy
    decoder = Decoder.from_validation(tree, validation.probabilities, part.targets, recipe.decoding)
    if validation.presence is None:
        return Chosen(decoder)
    return Chosen(decoder, SetDecoder.from_validation(tree, validation.presence, part.labels))


def _joined(first: Scores, second: Scores) -> Scores:
    assert first.presence is not None and second.presence is not None
    return Scores(
        np.concatenate([first.probabilities, second.probabilities]),
        np.concatenate([first.presence, second.presence]),
    )


def _carried_over(base: Base, part: Collection, validation: Scores) -> Chosen:
    """The old thresholds for known leaves, by their path."""
    assert base.model.sets is not None and validation.presence is not None
    tree, old = part.taxonomy, base.model.taxonomy
    thresholds = list(SetDecoder.from_validation(tree, validation.presence, part.labels).thresholds)
    for leaf, threshold in zip(old.leaves, base.model.sets.thresholds, strict=True):
        thresholds[tree.leaf_index[tree.find(old.paths[leaf])]] = threshold
    return Chosen(base.model.decoder, SetDecoder(tuple(thresholds)))
