"""Groups of leaves, which may cut across a tree's branches: as labels, or one of them as a task."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from labeltree.errors import DataError, TaxonomyError
from labeltree.taxonomy.arrays import Nodes
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
    unknown: list[str] = []
    places: dict[int, int] = {}
    named: Counter[int] = Counter()
    for place, paths in enumerate(groups.values()):
        for path in paths:
            try:
                node = taxonomy.find(path)
            except TaxonomyError as error:
                unknown.append(str(error))
                continue
            if not taxonomy.is_leaf[node]:
                unknown.append(f"label {path!r} has labels below it; name those")
                continue
            places[node] = place
            named[node] += 1
    twice = [repr(taxonomy.paths[node]) for node, times in named.items() if times > 1]
    missing = [repr(taxonomy.paths[leaf]) for leaf in taxonomy.leaves if leaf not in places]
    flaws = [
        f"{what}{some_of(found)}"
        for what, found in (("", unknown), ("in no group: ", missing), ("named twice: ", twice))
        if found
    ]
    if flaws:
        raise DataError(f"groups: {'; '.join(flaws)}; give each class of the tree one group")
    return places
