"""Top-k accuracy per level."""

from __future__ import annotations

import numpy as np

from labeltree.metrics.levels import mean
from labeltree.taxonomy import Nodes, Probabilities, Taxonomy

_BLOCK_VALUES = 4_000_000  # compared at a time, so that a large set needs no copy of itself


def top_k_accuracy(
    taxonomy: Taxonomy, probabilities: Probabilities, targets: Nodes, k: int = 1
) -> list[float]:
    """Share of images whose target is among the k most probable nodes of a cut, for every depth.

    A cut is judged by the images whose target is at least that deep, or a leaf above it.

    Args:
        taxonomy: the tree.
        probabilities: shape `(n, num_nodes)`; need not be coherent.
        targets: node numbers, shape `(n,)`.
        k: at least 1; 1.0 results where a cut has no more than k nodes.

    Returns:
        One share per depth from 1 on; NaN where no image decides.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> p = np.array([[1.0, 0.4, 0.6, 0.35, 0.25]])
    >>> beagle = np.array([tree.find("dog/beagle")])
    >>> top_k_accuracy(tree, p, beagle), top_k_accuracy(tree, p, beagle, k=2)
    ([1.0, 0.0], [1.0, 1.0])
    """
    depths = range(1, taxonomy.depth + 1)
    return [mean(target_ranks(taxonomy, probabilities, targets, d) < k) for d in depths]


def target_ranks(
    taxonomy: Taxonomy, probabilities: Probabilities, targets: Nodes, depth: int
) -> Nodes:
    """How many nodes of the cut at `depth` come before the target's, for images that decide.

    Of equally probable nodes the one with the lower number comes first, as with argmax; what is no
    number comes before everything.

    Returns:
        Shape `(number of images that decide,)`.
    """
    rows = np.flatnonzero(taxonomy.reaches_cut(targets, depth))
    truth = taxonomy.ancestor_at(targets[rows], depth)
    level = taxonomy.level(depth)
    above = taxonomy.leaves_above(depth)
    parts: list[tuple[slice | Nodes, Nodes]] = [(level, np.arange(level.start, level.stop))]
    if len(above):
        parts.append((above, above))
    ranks = np.zeros(len(rows), dtype=np.int64)
    size = max(1, _BLOCK_VALUES // taxonomy.num_nodes)
    for start in range(0, len(rows), size):
        block = slice(start, start + size)
        values, true = probabilities[rows[block]], truth[block, None]
        own = np.take_along_axis(values, true, axis=1)
        for columns, nodes in parts:
            before = ~(values[:, columns] <= own)
            before |= (values[:, columns] == own) & (nodes < true)
            ranks[block] += before.sum(axis=1)
    return ranks
