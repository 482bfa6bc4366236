"""Which networks a routed method has, and what each of them learns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from labeltree.data.scope import ScopeConfig
from labeltree.errors import ConfigError, suggestion
from labeltree.methods.parts import Part
from labeltree.taxonomy import Taxonomy

ROUTER = "router"
Misrouted = Literal["random", "drop", "true", "reject"]

# With one more output for them nothing is misrouted but what belongs to several groups.
_BECOME: dict[Misrouted, Literal["random", "drop"] | None] = {
    "random": "random",
    "drop": "drop",
    "true": None,
    "reject": "drop",
}
_LONGEST_NAME = 60  # of a folder; in UTF-8 a letter may take four of its 255 bytes


class Group(NamedTuple):
    """One group of classes.

    Attributes:
        path: of its leaf in the router's tree.
        num_classes: leaves of the whole tree that are in it.
        scope: what its expert learns.
    """

    path: str
    num_classes: int
    scope: ScopeConfig


@dataclass(frozen=True)
class Grouping:
    """The leaves of a tree, divided into groups.

    Attributes:
        router: what tells the groups apart.
        groups: all of them, those of one class, too.
    """

    router: ScopeConfig
    groups: tuple[Group, ...]


def grouped_at(taxonomy: Taxonomy, depth: int) -> Grouping:
    """The nodes of the cut at `depth` as groups of the leaves below them.

    Raises:
        ConfigError: the tree is not so deep.
    """
    if depth > taxonomy.depth:
        raise ConfigError(
            f"the groups cannot be at depth {depth}, {taxonomy} is not so deep; choose "
            f"--set method_options.depth={max(1, taxonomy.depth - 1)}"
        )
    groups = (
        Group(path, int(taxonomy.leaf_counts[node]), ScopeConfig(branch=path))
        for node in taxonomy.cut(depth).tolist()
        for path in [taxonomy.paths[node]]
    )
    return Grouping(ScopeConfig(depth=depth), tuple(groups))


def grouped_by(groups: Mapping[str, Sequence[str]]) -> Grouping:
    """Groups of any leaves, from the paths of each one's leaves."""
    router = ScopeConfig(groups={name: tuple(paths) for name, paths in groups.items()})
    assert router.groups is not None
    experts = (
        Group(name, len(paths), router.replace(group=name)) for name, paths in router.groups.items()
    )
    return Grouping(router, tuple(experts))


def networks(
    grouping: Grouping,
    router: str | None = None,
    experts: str | Mapping[str, str] | None = None,
    misrouted: Misrouted = "true",
) -> tuple[Part, ...]:
    """The router, and an expert for each group with several classes; one class needs none.

    Args:
        grouping: of the leaves.
        router: its backbone; None for the recipe's.
        experts: that of all experts, or by the path of the group.
        misrouted: see `labeltree.methods.routed.RoutedConfig`.

    Raises:
        ConfigError: a backbone for a group that does not exist.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> [part.name for part in networks(grouped_at(tree, 1))]
    ['router', 'dog']
    """
    own = experts if isinstance(experts, Mapping) else {}
    for path in own:
        known = [group.path for group in grouping.groups]
        if path not in known:
            raise ConfigError(f"experts: no group {path!r}; {suggestion(path, known)}")
    groups = [group for group in grouping.groups if group.num_classes > 1]
    names = folder_names([ROUTER, *(group.path for group in groups)])
    parts = [Part(names[0], grouping.router, _prefix(0), backbone=router)]
    for number, (name, group) in enumerate(zip(names[1:], groups, strict=True), start=1):
        scope = group.scope.replace(rest=True) if misrouted == "reject" else group.scope
        parts.append(
            Part(
                name,
                scope,
                _prefix(number),
                backbone=experts if isinstance(experts, str) else own.get(group.path),
                group=group.path,
                follows=None if misrouted == "true" else ROUTER,
                misrouted=_BECOME[misrouted],
            )
        )
    return tuple(parts)


def _prefix(number: int) -> str:
    return f"networks.{number}."


def folder_names(paths: Iterable[str]) -> list[str]:
    """A name for each path that every file system takes, in the same order.

    >>> folder_names(["router", "animal/dog", "Router", "a?b", "a*b"])
    ['router', 'animal-dog', 'Router-2', 'a-b', 'a-b-2']
    """
    taken: set[str] = set()
    names = []
    for path in paths:
        plain = re.sub(r'[\x00-\x1f/\\:*?"<>|]+', "-", path)[:_LONGEST_NAME].strip(" .") or "-"
        name, number = plain, 1
        while name.casefold() in taken:
            number += 1
            name = f"{plain}-{number}"
        taken.add(name.casefold())
        names.append(name)
    return names
