"""Which networks a routed method has, and what each of them learns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple
from unicodedata import normalize

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
_DEVICE = re.compile(r"^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?= *(\.|$))", re.IGNORECASE)
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
    # Copies of what is valid already share the one grouping, however many groups there are.
    experts = (
        Group(name, len(paths), router.model_copy(update={"group": name}))
        for name, paths in router.groups.items()
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
    known = {group.path: None for group in grouping.groups}
    if unknown := next((path for path in own if path not in known), None):
        raise ConfigError(f"experts: no group {unknown!r}; {suggestion(unknown, known)}")
    groups = [group for group in grouping.groups if group.num_classes > 1]
    names = folder_names([ROUTER, *(group.path for group in groups)])
    parts = [Part(names[0], grouping.router, _prefix(0), backbone=router)]
    for number, (name, group) in enumerate(zip(names[1:], groups, strict=True), start=1):
        scope = group.scope
        if misrouted == "reject":
            scope = scope.model_copy(update={"rest": True})
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
    >>> folder_names(["nul", "Con.crete", "console"])  # Windows keeps these names for devices
    ['nul-1', 'Con-1.crete', 'console']
    """
    taken: set[str] = set()
    names = []
    for path in paths:
        plain = re.sub(r'[\x00-\x1f/\\:*?"<>|]+', "-", path)[:_LONGEST_NAME].strip(" .") or "-"
        plain = _DEVICE.sub(r"\1-1", plain)
        name, number = plain, 1
        while _as_compared(name) in taken:
            number += 1
            name = f"{plain}-{number}"
        taken.add(_as_compared(name))
        names.append(name)
    return names


def _as_compared(name: str) -> str:
    """What file systems take for one name: in upper or lower case, composed letters or not."""
    return normalize("NFC", normalize("NFC", name).casefold())
