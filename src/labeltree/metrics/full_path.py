"""Full-path accuracy (FPA)."""

from __future__ import annotations

import numpy as np

from labeltree.metrics.levels import level_answers, mean
from labeltree.taxonomy import Nodes, Probabilities, Taxonomy


def full_path_accuracy(taxonomy: Taxonomy, probabilities: Probabilities, targets: Nodes) -> float:
    """Share of images that every level answers rightly, each by its own most probable node.

    An image counts at the levels that its target decides; one known only at the root is left out.

    Args:
        taxonomy: the tree.
        probabilities: shape `(n, num_nodes)`; need not be coherent.
        targets: node numbers, shape `(n,)`.

    Source: Park et al. 2025, "Visually Consistent Hierarchical Image Classification" (H-CAST).

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> p = np.array([[1.0, 0.4, 0.6, 0.35, 0.25]])  # a dog, but the likeliest leaf is cat
    >>> full_path_accuracy(tree, p, np.array([tree.find("dog")]))
    1.0
    >>> full_path_accuracy(tree, p, np.array([tree.find("dog/beagle")]))
    0.0
    """
    right = np.ones(len(targets), dtype=bool)
    for depth in range(1, taxonomy.depth + 1):
        truth = taxonomy.ancestor_at(targets, depth)
        answers = level_answers(taxonomy, probabilities, depth)
        right &= (answers == truth) | ~taxonomy.reaches_cut(targets, depth)
    return mean(right[targets > 0])
