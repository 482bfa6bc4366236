"""A smaller tree out of some of a tree's nodes."""

from __future__ import annotations

import numpy as np

from labeltree.taxonomy.arrays import Nodes
from labeltree.taxonomy.tree import Taxonomy


def part_of(taxonomy: Taxonomy, kept: Nodes) -> tuple[Taxonomy, Nodes]:
    """The tree of some nodes, and where they stand in it.

    Args:
        taxonomy: the whole tree.
        kept: node numbers in ascending order. The first becomes the root; the parents of all
            others are kept, too.

    Returns:
        The smaller tree, and the number in it of every node of the whole one, -1 for none;
        shape `(num_nodes,)`.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> part, numbers = part_of(tree, np.array([2, 3, 4]))
    >>> part.paths, numbers.tolist()
    (('', 'beagle', 'pug'), [-1, -1, 0, 1, 2])
    """
    numbers = np.full(taxonomy.num_nodes, -1, dtype=np.int64)
    numbers[kept] = np.arange(len(kept))
    parents = np.append(-1, numbers[taxonomy.parents[kept[1:]]])
    top, deepest = taxonomy.depths[kept[0]], taxonomy.depths[kept[-1]]
    names = ["", *(taxonomy.names[node] for node in kept[1:])]
    return Taxonomy(names, parents, taxonomy.level_names[top:deepest]), numbers
