"""Groups of leaves, which may cut across a tree's branches: as labels, or one of them as a task."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial

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
        Shape `(num_nodes,)`, not to be written to.

    Raises:
        DataError: the groups do not hold every leaf of the tree once; all flaws of a kind
            are named.
    """
    # Every expert of a router asks for the same groups of the same tree.
    return _lies_in(taxonomy, tuple((name, tuple(paths)) for name, paths in groups.items()))


@lru_cache(maxsize=4)
def _lies_in(taxonomy: Taxonomy, groups: tuple[tuple[str, tuple[str, ...]], ...]) -> Nodes:
    least = np.full(taxonomy.num_nodes, len(groups), dtype=np.int64)
    most = np.full(taxonomy.num_nodes, -1, dtype=np.int64)
    for node, place in _places(taxonomy, dict(groups)).items():
        least[node] = most[node] = place
    for depth in range(taxonomy.depth, 0, -1):
        level = taxonomy.level(depth)
        np.minimum.at(least, taxonomy.parents[level], least[level])
        np.maximum.at(most, taxonomy.parents[level], most[level])
    places = np.where(least == most, least, -1)
    places.setflags(write=False)
    return places


def some_of(texts: Sequence[str], told: Callable[[str], str] = str) -> str:
    """The first few of them, for a message.

    Args:
        texts: all of them.
        told: how one is written there; it may take its time, as only a few are.

    >>> some_of(["'a'", "'b'"]), some_of("abcdefgh", str.upper)
    ("'a', 'b'", 'A, B, C, D, E, … and 3 more')
    """
    more = [f"… and {len(texts) - _NAMED:,} more"] if len(texts) > _NAMED else []
    return ", ".join([*map(told, texts[:_NAMED]), *more])


def check_each_once(
    taxonomy: Taxonomy, leaves: Sequence[int], wheres: Sequence[str], title: str
) -> None:
    """Raise unless groups hold every leaf of the tree once.

    Args:
        taxonomy: the tree.
        leaves: of all groups, in the order given.
        wheres: the place of each of them, for messages.
        title: what to call the groups there.

    Raises:
        DataError: leaves that are named twice, or are in no group.
    """
    first: dict[int, str] = {}
    twice: list[str] = []
    for leaf, where in zip(leaves, wheres, strict=True):
        if leaf in first:
            twice.append(f"{taxonomy.paths[leaf]!r} ({first[leaf]}, {where})")
        else:
            first[leaf] = where
    if twice:
        raise DataError(f"{title}: a class belongs to one group; named twice: {some_of(twice)}")
    missing = [taxonomy.paths[leaf] for leaf in taxonomy.leaves.tolist() if leaf not in first]
    if missing:
        what = "class is" if len(missing) == 1 else "classes are"
        raise DataError(
            f"{title}: {len(missing):,} {what} in no group: {some_of(missing, repr)}; "
            f"every class of {taxonomy} needs one"
        )


def _places(taxonomy: Taxonomy, groups: Groups) -> dict[int, int]:
    """The place of the group of each leaf, by the leaf's number."""
    leaves: list[int] = []
    wheres: list[str] = []
    unknown: list[str] = []
    for name, paths in groups.items():
        for path in paths:
            node = taxonomy.find(path) if path in taxonomy else 0
            if taxonomy.is_leaf[node]:
                leaves.append(node)
                wheres.append(f"group {name!r}")
            else:
                unknown.append(path)
    if unknown:
        what = "class" if len(unknown) == 1 else "classes"
        told = some_of(unknown, partial(_with_hint, taxonomy))
        raise DataError(f"groups: no such {what} in {taxonomy}: {told}")
    check_each_once(taxonomy, leaves, wheres, "groups")
    places = np.repeat(np.arange(len(groups)), [len(paths) for paths in groups.values()])
    return dict(zip(leaves, places.tolist(), strict=True))


def _with_hint(taxonomy: Taxonomy, path: str) -> str:
    if path in taxonomy:
        return f"{path!r} (has classes below it)"
    near = nearest_path(taxonomy, path)
    return f"{path!r} (did you mean {near!r}?)" if near else repr(path)
