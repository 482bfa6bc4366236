"""From group numbers to a tree whose groups have names."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from labeltree.taxonomy.arrays import Nodes
from labeltree.taxonomy.grouping import Matrix
from labeltree.taxonomy.tree import Taxonomy


def tree_of_groups(groups: Nodes, names: Sequence[str], similarities: Matrix) -> Taxonomy:
    """The tree of nested groups, without nodes of a single child; groups are named here.

    Args:
        groups: shape `(levels, n)`, coarse to fine, each level a refinement of the one above.
        names: of the classes.
        similarities: shape `(n, n)`; tell the central class of a group.

    >>> pets = ["cat", "beagle", "pug"]
    >>> tree_of_groups(np.array([[0, 1, 1]]), pets, np.ones((3, 3))).paths
    ('', 'cat', 'group of beagle', 'group of beagle/beagle', 'group of beagle/pug')
    """
    steps: list[list[str]] = [[name] for name in names]  # of each path, from the leaf up
    taken, below = set(names), np.arange(len(names))
    for level, labels in reversed(list(enumerate(groups))):
        word = "group of" if level == len(groups) - 1 else "groups around"
        for label in range(labels.max() + 1):
            members = np.flatnonzero(labels == label)
            if len(np.unique(below[members])) == 1:
                continue
            inside = similarities[np.ix_(members, members)].sum(axis=1)
            central = names[members[int(inside.argmax())]]
            name = _free(f"{word} {central}", taken)
            for member in members:
                steps[member].append(name)
        below = labels
    tree = Taxonomy.from_paths([tuple(reversed(path)) for path in steps])
    words = ["group"] if len(groups) == 1 else [f"group {d}" for d in range(1, len(groups) + 1)]
    return Taxonomy(tree.names, tree.parents, [*words[: tree.depth - 1], "class"])


def _free(name: str, taken: set[str]) -> str:
    """The name, or the first of `name 2`, `name 3`, … that no class or group has."""
    number, found = 2, name
    while found in taken:
        number, found = number + 1, f"{name} {number}"
    taken.add(found)
    return found
