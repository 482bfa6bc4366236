"""Metrics of images that show several things at once, one per file; leaves only."""

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from labeltree.metrics.label_sets.all_in_top_k import all_in_top_k
from labeltree.metrics.label_sets.any_in_top_k import any_in_top_k
from labeltree.metrics.label_sets.exact import exact
from labeltree.metrics.label_sets.example_f1 import example_f1
from labeltree.metrics.label_sets.label_f1 import label_f1
from labeltree.metrics.label_sets.mean_average_precision import mean_average_precision
from labeltree.metrics.label_sets.micro_f1 import micro_f1
from labeltree.metrics.label_sets.summary import label_set_summary
from labeltree.taxonomy import Probabilities, Taxonomy
from labeltree.taxonomy.label_sets import LabelSets

LABEL_SET_METRICS: dict[str, Callable[[Taxonomy, Probabilities, LabelSets], float]] = {
    "map": mean_average_precision,
    "all_in_top1": partial(all_in_top_k, k=1),
    "all_in_top5": partial(all_in_top_k, k=5),
    "any_in_top1": partial(any_in_top_k, k=1),
    "any_in_top5": partial(any_in_top_k, k=5),
}
"""Name to `(taxonomy, scores (n, num_leaves), sets (n, K)) -> float`."""

LABEL_SET_ANSWER_METRICS: dict[str, Callable[[Taxonomy, NDArray[np.bool_], LabelSets], float]] = {
    "label_f1": label_f1,
    "micro_f1": micro_f1,
    "example_f1": example_f1,
    "exact": exact,
}
"""Name to `(taxonomy, answers (n, num_leaves) of bool, sets (n, K)) -> float`."""

__all__ = [
    "LABEL_SET_ANSWER_METRICS",
    "LABEL_SET_METRICS",
    "all_in_top_k",
    "any_in_top_k",
    "exact",
    "example_f1",
    "label_f1",
    "label_set_summary",
    "mean_average_precision",
    "micro_f1",
]
