"""What every trained model is to those who use it, whatever computes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from labeltree.decoding import Answer, Decoder, SetDecoder, given
from labeltree.decoding.answer import Steps
from labeltree.runtime.preprocessing import Preprocessing
from labeltree.taxonomy import Probabilities, Taxonomy


class Predicted(NamedTuple):
    """What a model says of images, ready to be answered from.

    Attributes:
        probabilities: coherent and calibrated node probabilities, float32 `(B, num_nodes)`.
        presence: how sure it is of each leaf by itself, float32 `(B, num_leaves)`; None where
            labels exclude each other.
    """

    probabilities: NDArray[np.float32]
    presence: NDArray[np.float32] | None = None


class Predictor(Protocol):
    """A trained model with all that lies between pictures and answers."""

    @property
    def name(self) -> str:
        """Of the folder or file that it was read from."""

    @property
    def backend(self) -> str:
        """What computes it: `pytorch` or `onnxruntime`."""

    @property
    def taxonomy(self) -> Taxonomy:
        """The label tree."""

    @property
    def preprocessing(self) -> Preprocessing:
        """What it looks at."""

    @property
    def decoder(self) -> Decoder:
        """From its probabilities to answers; only the back-off is still to be applied."""

    @property
    def sets(self) -> SetDecoder | None:
        """From presence to sets of labels, where labels do not exclude each other."""

    @property
    def fitted_with(self) -> str:
        """What the decoder was fitted to, if not to these: `with soft routing`; else empty."""

    def check_told(self, node: int) -> None:
        """Make sure that no expert is left out below a node that is known.

        Args:
            node: number of the node; at the root, nothing is known.

        Raises:
            ConfigError: some are.
        """

    def __call__(self, views: NDArray[np.uint8]) -> Predicted:
        """Look at images.

        Args:
            views: of `B` images, shape `(B, num_views, image_size, image_size, 3)`; see
                `Preprocessing.views`. A batch is computed at once: choose its size.
        """


def answers(
    predictor: Predictor,
    said: Predicted,
    known: int | None = None,
    target_accuracy: float | None = None,
) -> list[Answer]:
    """What a model answers with: paths with the probability of each step, and why it stopped.

    Args:
        predictor: the model.
        said: what it says of `B` images.
        known: a node that all of them are at or below, if one is known; of a routed model all
            experts must have been asked then.
        target_accuracy: share of the answers that is to be right, from 0 to 1; None is that which
            the decoder was fitted for.

    Returns:
        One answer for each image.

    Raises:
        ConfigError: `target_accuracy` is no share.
    """
    tree, decoder = predictor.taxonomy, predictor.decoder
    if target_accuracy is not None:
        decoder = decoder.with_target_accuracy(target_accuracy)
    decoded = told(tree, said.probabilities, known)
    found = decoder.explained(tree, decoded, predictor.fitted_with)
    if said.presence is None:
        return found
    labels = _labels(predictor, said.presence, known)
    return [replace(answer, labels=steps) for answer, steps in zip(found, labels, strict=True)]


def told(taxonomy: Taxonomy, probabilities: Probabilities, known: int | None) -> Probabilities:
    """Node probabilities, shape `(B, num_nodes)`, once a node is known; None knows nothing."""
    if known is None:
        return probabilities
    return given(taxonomy, probabilities, np.full(len(probabilities), known))


def _labels(predictor: Predictor, presence: Probabilities, known: int | None) -> Iterator[Steps]:
    """The leaves that are answered, the surest first; some are always at or below what is known."""
    assert predictor.sets is not None
    tree = predictor.taxonomy
    answered = predictor.sets.answers(presence)
    if known is not None:
        below = np.flatnonzero(tree.is_at_or_below(tree.leaves, np.array(known)))
        rows = np.flatnonzero(~answered[:, below].any(axis=1))
        answered[rows, below[presence[np.ix_(rows, below)].argmax(axis=1)]] = True
    for row, shown in zip(presence, answered, strict=True):
        places = np.flatnonzero(shown)
        order = places[np.argsort(-row[places], kind="stable")]
        yield tuple((tree.paths[tree.leaves[place]], float(row[place])) for place in order)
