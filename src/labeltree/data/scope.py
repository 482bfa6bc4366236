"""A part of the label tree as a task of its own: one branch, or its upper levels."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from labeltree.configuration import Config
from labeltree.data.collection import Collection, Splits
from labeltree.errors import DataError
from labeltree.taxonomy.part import part_of
from labeltree.taxonomy.tree import Taxonomy


class ScopeConfig(Config):
    """What is learned of the tree; everything, unless it is set.

    It is applied to the three splits, so that an image is in the same split in every scope.
    """

    branch: str | None = Field(
        None, description="path of a node: only images below it, which becomes the root"
    )
    depth: int | None = Field(
        None, ge=1, description="levels to learn; deeper labels become their ancestors"
    )

    @property
    def is_all(self) -> bool:
        """Whether nothing is left out."""
        return self.branch is None and self.depth is None


def scoped(splits: Splits, scope: ScopeConfig) -> Splits:
    """The images that a scope takes, labelled in its smaller tree.

    Raises:
        DataError: the branch is no node of the tree, has nothing below it, or no split of it has
            an image to learn from.
    """
    if scope.is_all:
        return splits
    tree, numbers = scoped_tree(splits.train.taxonomy, scope)
    train, validation, test = (
        _relabelled(part, tree, numbers) for part in (splits.train, splits.validation, splits.test)
    )
    if not len(train):
        raise DataError(f"no training image is labelled below {scope.branch!r}; choose another")
    return Splits(train, validation, test)


def scoped_tree(taxonomy: Taxonomy, scope: ScopeConfig) -> tuple[Taxonomy, np.ndarray]:
    """The smaller tree, and the number in it of every node of the whole one, -1 for none.

    Raises:
        DataError: as `scoped`.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> part, numbers = scoped_tree(tree, ScopeConfig(branch="dog"))
    >>> part.paths, numbers.tolist()
    (('', 'beagle', 'pug'), [-1, -1, -1, 1, 2])
    >>> part, numbers = scoped_tree(tree, ScopeConfig(depth=1))
    >>> part.paths, numbers.tolist()
    (('', 'cat', 'dog'), [0, 1, 2, 2, 2])
    """
    root = _root(taxonomy, scope.branch)
    nodes = np.arange(taxonomy.num_nodes)
    inside = taxonomy.is_at_or_below(nodes, np.full_like(nodes, root))
    levels = scope.depth or taxonomy.depth
    deepest = min(int(taxonomy.depths[root]) + levels, taxonomy.depth)
    tree, numbers = part_of(taxonomy, np.flatnonzero(inside & (taxonomy.depths <= deepest)))
    numbers[inside] = numbers[taxonomy.ancestor_at(nodes[inside], deepest)]
    if root:  # known to be of this branch and no more: nothing to learn or to measure
        numbers[root] = -1
    return tree, numbers


def _root(taxonomy: Taxonomy, branch: str | None) -> int:
    if branch is None:
        return 0
    root = taxonomy.find(branch)
    if taxonomy.is_leaf[root]:
        raise DataError(f"branch {branch!r} has nothing below it to tell apart; choose another")
    return root


def _relabelled(part: Collection, tree: Taxonomy, numbers: np.ndarray) -> Collection:
    targets = numbers[part.targets]
    chosen = np.flatnonzero(targets >= 0)
    return Collection(tree, part.images.subset(chosen), targets[chosen])
