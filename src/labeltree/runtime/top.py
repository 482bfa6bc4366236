"""The most probable leaves."""

from __future__ import annotations

import numpy as np

from labeltree.taxonomy import Nodes, Probabilities, Taxonomy


def top_leaves(
    taxonomy: Taxonomy, probabilities: Probabilities, count: int
) -> tuple[Nodes, Probabilities]:
    """The most probable leaves of each image, the surest first; of equal ones the first.

    Takes the time of looking at all leaves, not of sorting them.

    Args:
        taxonomy: the tree.
        probabilities: shape `(n, num_nodes)`.
        count: as many for each image, or all that there are.

    Returns:
        Their node numbers and their probabilities, both of shape `(n, min(count, num_leaves))`.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> nodes, values = top_leaves(tree, tree.roll_up(np.array([[0.25, 0.5, 0.25]])), 2)
    >>> [tree.paths[node] for node in nodes[0]], values[0].tolist()
    (['dog/beagle', 'cat'], [0.5, 0.25])
    """
    leaves = probabilities[:, taxonomy.leaves]
    rows = np.arange(len(leaves))[:, None]
    if count < taxonomy.num_leaves:
        chosen = (-leaves).argpartition(count, axis=1)[:, :count]
        chosen.sort(axis=1)
        leaves = leaves[rows, chosen]
    else:
        chosen = np.broadcast_to(np.arange(taxonomy.num_leaves), leaves.shape)
    order = (-leaves).argsort(axis=1, kind="stable")
    return taxonomy.leaves[chosen[rows, order]], leaves[rows, order]
