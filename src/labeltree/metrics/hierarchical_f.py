"""Hierarchical precision, recall and F1."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from labeltree.metrics.levels import leaf_answers
from labeltree.taxonomy import Nodes, Probabilities, Taxonomy


class HierarchicalScores(NamedTuple):
    """Shares in [0, 1]."""

    precision: float
    recall: float
    f1: float


def hierarchical_scores(taxonomy: Taxonomy, answers: Nodes, targets: Nodes) -> HierarchicalScores:
    """Compare answers and targets as sets: the node and its ancestors, the root left out.

    Summed over images: precision = Σ |Ŷ ∩ Y| / Σ |Ŷ|, recall = Σ |Ŷ ∩ Y| / Σ |Y|. Where the
    target is an inner node, the answer is first cut to its depth, since nothing is known below.
    NaN where a set is empty for all images: only the root answered, or only the root known.

    Args:
        taxonomy: the tree.
        answers: any nodes, shape `(n,)`.
        targets: node numbers, shape `(n,)`.

    Source: Kiritchenko et al. 2006, "Learning and Evaluation in the Presence of Class
    Hierarchies"; Kosmopoulos et al. 2015 compare it with others.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> pug, dog = np.array([tree.find("dog/pug")]), np.array([tree.find("dog")])
    >>> hierarchical_scores(tree, dog, pug)
    HierarchicalScores(precision=1.0, recall=0.5, f1=0.6666666666666666)
    """
    known_deep = np.where(taxonomy.is_leaf[targets], taxonomy.depth, taxonomy.depths[targets])
    answers = taxonomy.ancestor_at(answers, known_deep)
    shared = taxonomy.depths[taxonomy.lowest_common_ancestor(answers, targets)].sum()
    answered, true = taxonomy.depths[answers].sum(), taxonomy.depths[targets].sum()
    precision = float(shared / answered) if answered else float("nan")
    recall = float(shared / true) if true else float("nan")
    f1 = float(2 * shared / (answered + true)) if answered + true else float("nan")
    return HierarchicalScores(precision, recall, f1)


def hierarchical_precision(
    taxonomy: Taxonomy, probabilities: Probabilities, targets: Nodes
) -> float:
    """`hierarchical_scores` of the most probable leaf: precision."""
    return hierarchical_scores(taxonomy, leaf_answers(taxonomy, probabilities), targets).precision


def hierarchical_recall(taxonomy: Taxonomy, probabilities: Probabilities, targets: Nodes) -> float:
    """`hierarchical_scores` of the most probable leaf: recall."""
    return hierarchical_scores(taxonomy, leaf_answers(taxonomy, probabilities), targets).recall


def hierarchical_f1(taxonomy: Taxonomy, probabilities: Probabilities, targets: Nodes) -> float:
    """`hierarchical_scores` of the most probable leaf: their harmonic mean."""
    return hierarchical_scores(taxonomy, leaf_answers(taxonomy, probabilities), targets).f1
