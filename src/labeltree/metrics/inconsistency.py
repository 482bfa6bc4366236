"""Inconsistency between levels (TICE)."""

from __future__ import annotations

import numpy as np

from labeltree.metrics.levels import all_level_answers, mean
from labeltree.taxonomy import Nodes, Probabilities, Taxonomy


def inconsistency(taxonomy: Taxonomy, probabilities: Probabilities, targets: Nodes) -> float:
    """Share of images whose levels' most probable nodes do not lie on one path.

    Coherent probabilities can be inconsistent in this sense too: dog is likelier than cat, but no
    breed of dog is as likely as cat.

    Args:
        taxonomy: the tree.
        probabilities: shape `(n, num_nodes)`; need not be coherent.
        targets: not looked at; here because all metrics are called alike.

    Source: the tree-based inconsistency error rate, as reported by Park et al. 2025, "Visually
    Consistent Hierarchical Image Classification".

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> p = np.array([[1.0, 0.4, 0.6, 0.35, 0.25], [1.0, 0.4, 0.6, 0.5, 0.1]])
    >>> inconsistency(tree, p, np.array([1, 1]))
    0.5
    """
    answers = all_level_answers(taxonomy, probabilities)
    broken = np.zeros(len(answers), dtype=bool)
    for depth in range(1, taxonomy.depth):
        broken |= taxonomy.ancestor_at(answers[:, depth], depth) != answers[:, depth - 1]
    return mean(broken)
