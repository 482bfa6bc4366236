"""One metric per file; `METRICS` names those that give one number, `summary` gives them all.

`label_sets` has those of images that show several things at once.
"""

from collections.abc import Callable
from functools import partial

from labeltree.metrics.calibration_error import (
    expected_calibration_error,
    reliability,
)
from labeltree.metrics.confidence_interval import wilson_interval
from labeltree.metrics.confusion import ConfusedPair, PairCounts, confused_pairs, count_pairs
from labeltree.metrics.full_path import full_path_accuracy
from labeltree.metrics.hierarchical_distance import average_hierarchical_distance, mistake_severity
from labeltree.metrics.hierarchical_f import (
    HierarchicalScores,
    hierarchical_f1,
    hierarchical_precision,
    hierarchical_recall,
    hierarchical_scores,
)
from labeltree.metrics.inconsistency import inconsistency
from labeltree.metrics.label_sets import (
    LABEL_SET_ANSWER_METRICS,
    LABEL_SET_METRICS,
    all_in_top_k,
    any_in_top_k,
    exact,
    example_f1,
    label_f1,
    label_set_summary,
    mean_average_precision,
    micro_f1,
)
from labeltree.metrics.leakage import Leakage, leakage
from labeltree.metrics.levels import (
    all_level_answers,
    leaf_answers,
    level_answers,
)
from labeltree.metrics.node_errors import NodeErrors, node_errors
from labeltree.metrics.summary import summary
from labeltree.metrics.top_k import top_k_accuracy
from labeltree.taxonomy import Nodes, Probabilities, Taxonomy

METRICS: dict[str, Callable[[Taxonomy, Probabilities, Nodes], float]] = {
    "fpa": full_path_accuracy,
    "tice": inconsistency,
    "ahd@1": partial(average_hierarchical_distance, k=1),
    "ahd@5": partial(average_hierarchical_distance, k=5),
    "mistake_severity": mistake_severity,
    "hierarchical_precision": hierarchical_precision,
    "hierarchical_recall": hierarchical_recall,
    "hierarchical_f1": hierarchical_f1,
    "ece": expected_calibration_error,
}
"""Name to `(taxonomy, probabilities (n, num_nodes), targets (n,)) -> float`."""

__all__ = [
    "LABEL_SET_ANSWER_METRICS",
    "LABEL_SET_METRICS",
    "METRICS",
    "ConfusedPair",
    "HierarchicalScores",
    "Leakage",
    "NodeErrors",
    "PairCounts",
    "all_in_top_k",
    "all_level_answers",
    "any_in_top_k",
    "average_hierarchical_distance",
    "confused_pairs",
    "count_pairs",
    "exact",
    "example_f1",
    "expected_calibration_error",
    "full_path_accuracy",
    "hierarchical_f1",
    "hierarchical_precision",
    "hierarchical_recall",
    "hierarchical_scores",
    "inconsistency",
    "label_f1",
    "label_set_summary",
    "leaf_answers",
    "leakage",
    "level_answers",
    "mean_average_precision",
    "micro_f1",
    "mistake_severity",
    "node_errors",
    "reliability",
    "summary",
    "top_k_accuracy",
    "wilson_interval",
]
