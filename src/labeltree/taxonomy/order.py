"""Breadth-first order of any parent array."""

from __future__ import annotations

import numpy as np

from labeltree.taxonomy.arrays import Nodes


def breadth_first(parents: Nodes, ranks: Nodes | None = None) -> Nodes:
    """Nodes level by level, the children of one parent side by side.

    Args:
        parents: parent of each node in any numbering, shape `(n,)`; -1 for node 0, the root,
            and for nodes that have none.
        ranks: order among siblings, shape `(n,)`; their numbers if None.

    Returns:
        Node numbers in breadth-first order; nodes that the root does not reach are left out.

    >>> breadth_first(np.array([-1, 2, 0, 0])).tolist()
    [0, 2, 3, 1]
    """
    ranks = np.arange(len(parents)) if ranks is None else ranks
    below = np.lexsort((ranks, parents))  # grouped by parent; those without come first
    below = below[np.count_nonzero(parents < 0) :]
    counts = np.bincount(parents[below], minlength=len(parents))
    first = np.cumsum(counts) - counts
    level = np.zeros(1, dtype=np.int64)
    levels = [level]
    while level.size:
        sizes = counts[level]
        shift = first[level] - (np.cumsum(sizes) - sizes)
        level = below[np.repeat(shift, sizes) + np.arange(sizes.sum())]
        levels.append(level)
    return np.concatenate(levels)


def renumber(parents: Nodes, order: Nodes) -> Nodes:
    """The parent array of the nodes in `order`, in their new numbers."""
    numbers = np.empty(len(parents), dtype=np.int64)
    numbers[order] = np.arange(len(order))
    renumbered = numbers[parents[order]]
    renumbered[0] = -1
    return renumbered
