"""Expected calibration error (ECE) and the reliability diagram behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labeltree.metrics.levels import leaf_answers
from labeltree.taxonomy import Nodes, Probabilities, Taxonomy


@dataclass(frozen=True, eq=False)
class Bins:
    """Confidence against accuracy in bins of equal width.

    Attributes:
        edges: shape `(bins + 1,)`, from 0 to 1; a bin holds its lower edge, the last one both.
        counts: images per bin, shape `(bins,)`.
        confidence: mean confidence per bin; NaN where there is no image.
        accuracy: share of right answers per bin; NaN where there is no image.
    """

    edges: NDArray[np.float64]
    counts: Nodes
    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]

    @property
    def error(self) -> float:
        """Mean gap between confidence and accuracy, weighted by images; NaN without any."""
        if not self.counts.any():
            return float("nan")
        gaps = np.abs(self.confidence - self.accuracy)
        return float(np.nansum(gaps * self.counts) / self.counts.sum())


def reliability(
    taxonomy: Taxonomy, probabilities: Probabilities, targets: Nodes, bins: int = 15
) -> list[dict[str, Any]]:
    """The reliability diagram, as a record holds it: a dictionary per bin.

    Args:
        taxonomy: the tree.
        probabilities: shape `(n, num_nodes)`.
        targets: node numbers, shape `(n,)`; only images whose target is a leaf count.
        bins: number of bins of equal width.

    Returns:
        `low`, `high`, mean `confidence` and `accuracy` (None without images), `count`.
    """
    found = _binned(taxonomy, probabilities, targets, bins)
    return [
        {
            "low": float(found.edges[place]),
            "high": float(found.edges[place + 1]),
            "confidence": float(found.confidence[place]) if count else None,
            "accuracy": float(found.accuracy[place]) if count else None,
            "count": count,
        }
        for place, count in enumerate(found.counts.tolist())
    ]


def _binned(taxonomy: Taxonomy, probabilities: Probabilities, targets: Nodes, bins: int) -> Bins:
    """Images by the probability of their most probable leaf."""
    counted = taxonomy.is_leaf[targets]
    answers = leaf_answers(taxonomy, probabilities)[counted]
    confidence = probabilities[counted, answers].astype(np.float64)
    right = answers == targets[counted]
    edges = np.linspace(0, 1, bins + 1)
    place = np.clip(np.searchsorted(edges, confidence, side="right") - 1, 0, bins - 1)
    counts = np.bincount(place, minlength=bins)
    with np.errstate(invalid="ignore"):
        means = [np.bincount(place, values, bins) / counts for values in (confidence, right)]
    return Bins(edges, counts, *means)


def expected_calibration_error(
    taxonomy: Taxonomy, probabilities: Probabilities, targets: Nodes, bins: int = 15
) -> float:
    """Mean gap between confidence and accuracy of the most probable leaf, over equal bins.

    Source: Naeini et al. 2015; Guo et al. 2017, "On Calibration of Modern Neural Networks",
    equation 3, with 15 bins as there.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> p = tree.roll_up(np.array([[0.8, 0.1, 0.1], [0.8, 0.1, 0.1]]))
    >>> round(expected_calibration_error(tree, p, np.array([1, 3])), 6)  # sure 0.8, right 0.5
    0.3
    """
    return _binned(taxonomy, probabilities, targets, bins).error
