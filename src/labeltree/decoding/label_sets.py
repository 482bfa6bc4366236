"""Answers that are sets: a threshold per leaf, chosen on validation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from labeltree.errors import ConfigError, DataError
from labeltree.taxonomy import Nodes, Probabilities, Taxonomy
from labeltree.taxonomy.label_sets import LabelSets, leaf_marks

UNINFORMED = 0.5
"""The threshold where validation shows no leaf at all."""


@dataclass(frozen=True)
class SetDecoder:
    """Every leaf whose presence reaches its threshold is answered, and always at least one.

    Attributes:
        thresholds: from 0 to 1, one per leaf in leaf order; chosen ones are above 0, since 0 would
            answer a leaf for every image.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> presence = np.array([[0.1, 0.9, 0.4], [0.2, 0.1, 0.8], [0.7, 0.3, 0.2]])
    >>> puggle_pug_cat = np.array([[3, 4], [4, -1], [1, -1]])
    >>> decoder = SetDecoder.from_validation(tree, presence, puggle_pug_cat)
    >>> [round(threshold, 3) for threshold in decoder.thresholds]
    [0.45, 0.6, 0.3]
    >>> decoder.answers(np.array([[0.1, 0.8, 0.4], [0.4, 0.2, 0.1]])).astype(int).tolist()
    [[0, 1, 1], [1, 0, 0]]
    """

    thresholds: tuple[float, ...]

    @classmethod
    def from_validation(
        cls, taxonomy: Taxonomy, presence: Probabilities, sets: LabelSets | Nodes
    ) -> Self:
        """For each leaf the threshold with the best F1 on a validation split.

        A threshold lies midway between neighbouring scores, the lowest between 0 and the lowest
        score, and is a number of their own precision, so that comparing in either is the same.
        Among those that are equally good it is the one nearest the global threshold: the one with
        the best F1 when all leaves share it (micro-F1). A leaf that no image shows, or none with
        a score above 0, gets the global threshold; where that is so of all leaves, it is 0.5.
        Images of which it is not known whether they show a leaf do not count for it.

        Takes the time of sorting the scores: O(n L log n), for the global threshold O(n L log n L).

        Args:
            taxonomy: the tree.
            presence: of each leaf, from 0 to 1, shape `(n, num_leaves)`; n may be 0.
            sets: label sets, shape `(n, K)`, or one target per image, `(n,)`.

        Raises:
            DataError: presence that is no number, as after a training that diverged.
            ValueError: the shape does not fit.
        """
        expected = (len(sets), taxonomy.num_leaves)
        if presence.shape != expected:
            raise ValueError(
                f"presence has shape {presence.shape}; expected {expected}, one row per image and "
                "one column per leaf of the taxonomy"
            )
        if not np.isfinite(presence).all():
            raise DataError(
                "the network's scores are not finite: training diverged; lower the learning rate"
            )
        present, known = leaf_marks(taxonomy, sets)
        shared = _best_threshold(presence[known], presence[present], UNINFORMED)
        return cls(
            tuple(
                _best_threshold(scores[among], scores[shown], shared)
                for scores, among, shown in zip(presence.T, known.T, present.T, strict=True)
            )
        )

    def answers(self, presence: Probabilities) -> NDArray[np.bool_]:
        """The leaves answered for each image, never none of them.

        Where no leaf reaches its threshold it is the one that comes nearest, with the greatest
        presence as a share of its threshold; of equal shares the lower leaf.

        Args:
            presence: of each leaf, shape `(n, num_leaves)`.

        Returns:
            Whether a leaf is answered, shape `(n, num_leaves)`.

        Raises:
            ValueError: the number of columns does not fit.
        """
        if presence.ndim != 2 or presence.shape[1] != len(self.thresholds):
            raise ValueError(
                f"presence has shape {presence.shape}; expected (n, {len(self.thresholds)}), "
                "one column per threshold"
            )
        limits = np.array(self.thresholds)
        answered: NDArray[np.bool_] = presence >= limits
        rows = np.flatnonzero(~answered.any(axis=1))
        answered[rows, (presence[rows] / limits).argmax(axis=1)] = True
        return answered

    def to_dict(self) -> dict[str, Any]:
        """For `config.json`."""
        return {"thresholds": list(self.thresholds)}

    @classmethod
    def from_dict(cls, taxonomy: Taxonomy, values: dict[str, Any]) -> Self:
        """Back from `to_dict`.

        Raises:
            ConfigError: there is not one number from 0 to 1 for each leaf of the tree.
        """
        given = values.get("thresholds") if isinstance(values, dict) else None
        if not isinstance(given, list) or len(given) != taxonomy.num_leaves:
            count = len(given) if isinstance(given, list) else "no list of"
            raise ConfigError(
                f"decoding has {count} thresholds; expected {taxonomy.num_leaves}, one per leaf"
            )
        for leaf, threshold in zip(taxonomy.leaves, given, strict=True):
            number = isinstance(threshold, int | float) and not isinstance(threshold, bool)
            if not number or not 0 <= threshold <= 1:
                raise ConfigError(
                    f"decoding: the threshold of {taxonomy.paths[leaf]!r} is {threshold!r}; "
                    "expected a number from 0 to 1"
                )
        return cls(tuple(map(float, given)))


def _best_threshold(scores: Probabilities, present: Probabilities, preferred: float) -> float:
    """The threshold with the best F1; among equally good ones that nearest to `preferred`.

    The lowest score that the best threshold lets in is one of an image that shows the leaf:
    otherwise a higher threshold would let in fewer others and be better.

    Args:
        scores: of all images, shape `(n,)`.
        present: those of images that show the leaf, shape `(p,)`.
        preferred: returned where none of these is above 0, which no threshold would let in but 0.
    """
    scores, lowest = np.sort(scores), np.unique(present[present > 0])
    if not len(lowest):
        return preferred
    lower = np.searchsorted(scores, lowest)  # how many scores stay below
    found = len(present) - np.searchsorted(np.sort(present), lowest)
    f1 = 2 * found / (len(scores) - lower + len(present))
    below = np.where(lower > 0, scores[lower - 1], 0).astype(scores.dtype)
    midway = (below + lowest) / 2
    # Between neighbouring floats there is none: their mean may be rounded down to the lower.
    thresholds = np.where(midway > below, midway, lowest)[f1 == f1.max()].astype(np.float64)
    return float(thresholds[np.abs(thresholds - preferred).argmin()])
