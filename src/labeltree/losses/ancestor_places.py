"""Where a node's ancestors stand in their levels."""

from __future__ import annotations

import numpy as np

from labeltree.taxonomy import Nodes, Taxonomy


def ancestor_places(taxonomy: Taxonomy) -> Nodes:
    """Place in its level of each node's ancestor (or itself) at every depth from 1 on.

    Returns:
        `(depth, num_nodes)`; -1 where the node is less deep.

    >>> ancestor_places(Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])).tolist()
    [[-1, 0, 1, 1, 1], [-1, -1, -1, 0, 1]]
    """
    nodes = np.arange(taxonomy.num_nodes)
    rows = []
    for depth in range(1, taxonomy.depth + 1):
        place = taxonomy.ancestor_at(nodes, depth) - taxonomy.level(depth).start
        rows.append(np.where(taxonomy.depths >= depth, place, -1))
    return np.stack(rows)
