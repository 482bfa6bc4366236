"""All figures of answers that are sets, as a record holds them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labeltree.metrics.label_sets.checks import as_sets
from labeltree.metrics.levels import mean
from labeltree.taxonomy import Probabilities, Taxonomy
from labeltree.taxonomy.label_sets import LabelSets


def label_set_summary(
    taxonomy: Taxonomy, scores: Probabilities, answers: NDArray[np.bool_], sets: LabelSets
) -> dict[str, Any]:
    """The `label_sets` part of a record.

    Args:
        taxonomy: the tree.
        scores: higher where a leaf is likelier present, shape `(n, num_leaves)`.
        answers: whether each leaf is answered, shape `(n, num_leaves)`.
        sets: label sets, shape `(n, K)`.

    Returns:
        `images`; `labels_per_image`, the mean number of present nodes; and a number per entry of
        `LABEL_SET_METRICS` and `LABEL_SET_ANSWER_METRICS`. Shares are fractions; None where no
        image decides.
    """
    from labeltree.metrics.label_sets import LABEL_SET_ANSWER_METRICS, LABEL_SET_METRICS

    sets = as_sets(taxonomy, scores, sets)
    figures = {
        "labels_per_image": mean((sets >= 0).sum(axis=1)),
        **{name: metric(taxonomy, scores, sets) for name, metric in LABEL_SET_METRICS.items()},
        **{
            name: metric(taxonomy, answers, sets)
            for name, metric in LABEL_SET_ANSWER_METRICS.items()
        },
    }
    decided = {name: None if math.isnan(value) else value for name, value in figures.items()}
    return {"images": len(sets), **decided}
