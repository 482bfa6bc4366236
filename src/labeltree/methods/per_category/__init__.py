"""`per_category`: a network that finds the category, and one for each category (paper 000)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from pydantic import Field

from labeltree.configuration import Config
from labeltree.errors import ConfigError
from labeltree.methods.parts import Part
from labeltree.taxonomy import Taxonomy

if TYPE_CHECKING:
    from labeltree.backbones import Backbone
    from labeltree.methods.protocol import Method

_LONGEST_NAME = 60  # of a folder; in UTF-8 a letter may take four of its 255 bytes


class PerCategoryConfig(Config):
    """Which nodes are the categories: those of the cut at `depth`."""

    depth: int = Field(1, ge=1, description="level whose nodes are the categories")


def build(
    taxonomy: Taxonomy, new_backbone: Callable[[], Backbone], config: PerCategoryConfig
) -> Method:
    """See `labeltree.methods.Entry`."""
    from labeltree.methods.per_category.network import PerCategory

    return PerCategory(taxonomy, new_backbone, [part.scope for part in parts(taxonomy, config)])


def parts(taxonomy: Taxonomy, config: PerCategoryConfig) -> tuple[Part, ...]:
    """The router, which tells the categories apart, and a network for each with several classes.

    A category with one class needs none, nor does a leaf above the cut.

    Raises:
        ConfigError: the tree is not so deep.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> [part.name for part in parts(tree, PerCategoryConfig(depth=1))]
    ['router', 'dog']
    """
    from labeltree.data.scope import ScopeConfig

    if config.depth > taxonomy.depth:
        raise ConfigError(
            f"per_category: the categories cannot be at depth {config.depth}, {taxonomy} is not "
            f"so deep; choose --set method_options.depth={max(1, taxonomy.depth - 1)}"
        )
    branches = [
        taxonomy.paths[node]
        for node in taxonomy.cut(config.depth).tolist()
        if taxonomy.leaf_counts[node] > 1
    ]
    scopes = [ScopeConfig(depth=config.depth), *(ScopeConfig(branch=path) for path in branches)]
    names = _folder_names(["router", *branches])
    return tuple(
        Part(name, scope, f"networks.{number}.")
        for number, (name, scope) in enumerate(zip(names, scopes, strict=True))
    )


def _folder_names(paths: Iterable[str]) -> list[str]:
    """A name for each path that every file system takes, in the same order.

    >>> _folder_names(["router", "animal/dog", "Router", "a?b", "a*b"])
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


__all__ = ["PerCategoryConfig", "build", "parts"]
