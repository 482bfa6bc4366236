"""Groups of leaves, which may cut across a tree's branches: as labels, or one of them as a task."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from labeltree.errors import DataError
from labeltree.taxonomy.arrays import Nodes
from labeltree.taxonomy.nearest import nearest_path
from labeltree.taxonomy.part import part_of
from labeltree.taxonomy.tree import Taxonomy

LEVEL = "group"

Groups = Mapping[str, Sequence[str]]
"""The paths of each group's leaves; every leaf of the tree is in one group."""

_NAMED = 5


def groups_as_labels(taxonomy: Taxonomy, groups: Groups) -> tuple[Taxonomy, Nodes]:
    """The tree whose leaves are the groups, and where each node of the whole tree lies in it.

    Returns:
        The tree, and a number in it per node: a group for what lies in it wholly, else 0, since
        nothing is known of the group.

    Raises:
        DataError: as `lies_in`.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> part, numbers = groups_as_labels(tree, {"flat-faced": ["cat", "dog/pug"],
    ...                                         "long-faced": ["dog/beagle"]})
    >>> part.paths, numbers.tolist()
    (('', 'flat-faced', 'long-faced'), [0, 1, 0, 2, 1])
    """
    return Taxonomy.from_paths([(name,) for name in groups], [LEVEL]), lies_in(taxonomy, groups) + 1


def one_group(taxonomy: Taxonomy, groups: Groups, group: str) -> tuple[Taxonomy, Nodes]:
    """The tree above one group's leaves, and where each node of the whole tree lies in it.

    Returns:
        The tree, and a number in it per node, -1 for what does not lie in the group wholly and
        for the root.

    Raises:
        DataError: as `lies_in`.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> part, numbers = one_group(tree, {"flat-faced": ["cat", "dog/pug"],
    ...                                  "long-faced": ["dog/beagle"]}, "flat-faced")
    >>> part.paths, numbers.tolist()
    (('', 'cat', 'dog', 'dog/pug'), [-1, 1, -1, -1, 3])
    """
    own = lies_in(taxonomy, groups) == list(groups).index(group)
    kept = np.zeros(taxonomy.num_nodes, dtype=np.bool_)
    nodes = taxonomy.leaves[own[taxonomy.leaves]]
    while not kept[nodes].all():
        kept[nodes] = True
        nodes = np.maximum(taxonomy.parents[nodes], 0)
    tree, numbers = part_of(taxonomy, np.flatnonzero(kept))
    numbers[~own] = -1
    numbers[0] = -1
    return tree, numbers


def lies_in(taxonomy: Taxonomy, groups: Groups) -> Nodes:
    """The place among the groups of the one that each node lies in wholly, -1 if in several.

    Returns:
        Shape `(num_nodes,)`.

    Raises:
        DataError: the groups do not hold every leaf of the tree once; all flaws are named.
    """
    least = np.full(taxonomy.num_nodes, len(groups), dtype=np.int64)
    most = np.full(taxonomy.num_nodes, -1, dtype=np.int64)
    for node, place in _places(taxonomy, groups).items():
        least[node] = most[node] = place
    for depth in range(taxonomy.depth, 0, -1):
        level = taxonomy.level(depth)
        np.minimum.at(least, taxonomy.parents[level], least[level])
        np.maximum.at(most, taxonomy.parents[level], most[level])
    return np.where(least == most, least, -1)


def some_of(texts: Iterable[str]) -> str:
    """The first few of them, for a message.

    >>> some_of(["'a'", "'b'"]), some_of("abcdefgh")
    ("'a', 'b'", 'a, b, c, d, e, … and 3 more')
    """
    texts = list(texts)
    more = [f"… and {len(texts) - _NAMED:,} more"] if len(texts) > _NAMED else []
    return ", ".join(texts[:_NAMED] + more)


def _places(taxonomy: Taxonomy, groups: Groups) -> dict[int, int]:
    """The place of the group of each leaf, by the leaf's number."""
    places: dict[int, int] = {}
    unknown, twice = [], []
    for place, paths in enumerate(groups.values()):
        for path in paths:
            node = taxonomy.find(path) if path in taxonomy else 0
            if not taxonomy.is_leaf[node]:
                unknown.append(_with_hint(taxonomy, path))
            elif node in places:
                twice.append(repr(path))
            else:
                places[node] = place
    missing = [repr(taxonomy.paths[leaf]) for leaf in taxonomy.leaves if int(leaf) not in places]
    flaws = {"no class of the tree": unknown, "in no group": missing, "named again": twice}
    if any(flaws.values()):
        told = "; ".join(f"{flaw}: {some_of(paths)}" for flaw, paths in flaws.items() if paths)
        raise DataError(f"groups: {told}; put the path of each class into one group")
    return places


def _with_hint(taxonomy: Taxonomy, path: str) -> str:
    if path in taxonomy:
        return f"{path!r} (has classes below it)"
    near = nearest_path(taxonomy, path)
    return f"{path!r} (did you mean {near!r}?)" if near else repr(path)
