"""The answers of a run on its test split, and the mistakes among them."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from labeltree.errors import ModelFolderError
from labeltree.metrics import leaf_answers
from labeltree.taxonomy import Nodes, Taxonomy

Floats = NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class Predictions:
    """What was asked and what was answered, for every test image.

    Attributes:
        taxonomy: the label tree.
        targets: the true node of each image, shape `(n,)`; an inner node where no more is known.
        answers: the most probable leaf of each image, as a node, shape `(n,)`.
        confidences: the probability of that leaf, shape `(n,)`.
        truths: the probability of the true node, shape `(n,)`; None where it was not kept.
    """

    taxonomy: Taxonomy
    targets: Nodes
    answers: Nodes
    confidences: Floats
    truths: Floats | None = None

    @classmethod
    def of(cls, taxonomy: Taxonomy, targets: Nodes, probabilities: Floats) -> Self:
        """From node probabilities, `(n, num_nodes)`."""
        answers, rows = leaf_answers(taxonomy, probabilities), np.arange(len(targets))
        confidences, truths = (probabilities[rows, nodes] for nodes in (answers, targets))
        return cls(taxonomy, targets, answers, confidences, truths)

    def __len__(self) -> int:
        return len(self.targets)

    @cached_property
    def wrong(self) -> NDArray[np.bool_]:
        """Whether each answer is neither the target nor below it."""
        return ~self.taxonomy.is_at_or_below(self.answers, self.targets)


_ROUNDING = 1e-3  # of half precision
_DAMAGE = (
    *(BadZipFile, zlib.error, EOFError, OSError, MemoryError, NotImplementedError),  # the archive
    *(AttributeError, KeyError, TypeError, ValueError),  # the arrays in it
)


def read_predictions(path: Path, taxonomy: Taxonomy) -> Predictions | None:
    """Read `predictions.npz`; None where there is no such file or no image in it.

    Raises:
        ModelFolderError: the file is damaged or was made with another taxonomy.
    """
    predictions, _ = read_with_probabilities(path, taxonomy)
    return predictions


def read_with_probabilities(
    path: Path, taxonomy: Taxonomy
) -> tuple[Predictions | None, Floats | None]:
    """The same with the node probabilities, `(n, num_nodes)`; None where they were not kept.

    Raises:
        ModelFolderError: see `read_predictions`.
    """
    if not path.is_file():
        return None, None
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            predictions, probabilities = _from_arrays(
                {name: arrays[name] for name in arrays.files}, taxonomy
            )
    except _DAMAGE as error:
        raise ModelFolderError(
            f"{path} is damaged or does not fit taxonomy.json ({error}): run the evaluation again"
        ) from None
    return (predictions, probabilities) if len(predictions) else (None, None)


def _from_arrays(
    arrays: dict[str, NDArray], taxonomy: Taxonomy
) -> tuple[Predictions, Floats | None]:
    targets = _checked(arrays["targets"].astype(np.int64), taxonomy)
    probabilities = arrays.get("probabilities")
    if probabilities is not None:
        if probabilities.shape != (len(targets), taxonomy.num_nodes):
            raise ValueError(
                f"probabilities have shape {probabilities.shape}; "
                f"expected ({len(targets)}, {taxonomy.num_nodes})"
            )
        # Half precision is for the disk: numpy computes with it many times slower.
        probabilities = _positive(probabilities.astype(np.float32), "probabilities")
        return Predictions.of(taxonomy, targets, probabilities), probabilities
    answers = _checked(arrays["answers"].astype(np.int64), taxonomy)
    confidences = _positive(arrays["confidences"].astype(np.float32), "confidences")
    if not targets.shape == answers.shape == confidences.shape == (len(targets),):
        raise ValueError("targets, answers and confidences are not of one length")
    if not taxonomy.is_leaf[answers].all():
        image = int(np.argmin(taxonomy.is_leaf[answers]))
        raise ValueError(f"the answer to image {image} is no class: {answers[image]}")
    return Predictions(taxonomy, targets, answers, confidences), None


def _positive(values: Floats, what: str) -> Floats:
    """Values that can be probabilities, but for rounding."""
    good = np.isfinite(values) & (values >= -_ROUNDING)
    if not good.all():
        image = int(np.argmin(good.reshape(len(good), -1).all(axis=1)))
        raise ValueError(f"{what} of image {image} are negative, infinite or no numbers")
    return values


def _checked(nodes: Nodes, taxonomy: Taxonomy) -> Nodes:
    if nodes.ndim != 1 or ((nodes < 0) | (nodes >= taxonomy.num_nodes)).any():
        raise ValueError(f"expected a list of node numbers, 0 … {taxonomy.num_nodes - 1}")
    return nodes
