"""What a level answers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from labeltree.taxonomy import Nodes, Probabilities, Taxonomy


def level_answers(taxonomy: Taxonomy, probabilities: Probabilities, depth: int) -> Nodes:
    """Most probable node of the cut at `depth`, by the level's own probabilities.

    Args:
        taxonomy: the tree.
        probabilities: shape `(n, num_nodes)`; need not be coherent.
        depth: 1 to `taxonomy.depth`; at the latter the answers are leaves.

    Returns:
        Node numbers, shape `(n,)`; on a tie the lowest number.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> p = np.array([[1.0, 0.4, 0.6, 0.3, 0.3]])
    >>> [tree.paths[level_answers(tree, p, depth)[0]] for depth in (1, 2)]
    ['dog', 'cat']
    """
    level = taxonomy.level(depth)
    best: Nodes = level.start + probabilities[:, level].argmax(axis=1)
    above = taxonomy.leaves_above(depth)
    if len(above):  # two searches instead of copying the whole cut together
        rows = np.arange(len(probabilities))
        other = above[probabilities[:, above].argmax(axis=1)]
        best = np.where(probabilities[rows, other] >= probabilities[rows, best], other, best)
    return best


def leaf_answers(taxonomy: Taxonomy, probabilities: Probabilities) -> Nodes:
    """Most probable leaf as a node number, shape `(n,)`."""
    return level_answers(taxonomy, probabilities, taxonomy.depth)


def all_level_answers(taxonomy: Taxonomy, probabilities: Probabilities) -> Nodes:
    """`level_answers` of every depth from 1 on, shape `(n, depth)`."""
    depths = range(1, taxonomy.depth + 1)
    return np.stack([level_answers(taxonomy, probabilities, d) for d in depths], axis=1)


def mean(values: NDArray) -> float:
    """Mean of all values; NaN, without a warning, if there is none."""
    return float(values.mean()) if values.size else float("nan")
