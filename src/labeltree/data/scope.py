"""A part of the label tree as a task of its own: a branch, its upper levels, a group of classes."""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator, model_validator

from labeltree.configuration import Config
from labeltree.data.collection import Collection, Splits
from labeltree.data.group_scope import groups_as_labels, one_group
from labeltree.errors import DataError, suggestion
from labeltree.taxonomy.arrays import Nodes
from labeltree.taxonomy.names import clean, flaw
from labeltree.taxonomy.part import part_of
from labeltree.taxonomy.tree import Taxonomy

REST = "none of these"
"""The label of everything that a scope leaves out, where it is to be told from the rest."""


class ScopeConfig(Config):
    """What is learned of the tree; everything, unless it is set.

    It is applied to the three splits, so that an image is in the same split in every scope.
    Branch and depth come first, then the groups of the tree that those leave.
    """

    branch: str | None = Field(
        None, description="path of a node: only images below it, which becomes the root"
    )
    depth: int | None = Field(
        None, ge=1, description="levels to learn; deeper labels become their ancestors"
    )
    groups: dict[str, tuple[str, ...]] | None = Field(
        None, description="paths of the classes of each group; the groups become the labels"
    )
    group: str | None = Field(None, description="one of the groups: only its classes")
    rest: bool = Field(
        False, description=f"one more label, {REST!r}, for what branch or group leave out"
    )

    @field_validator("groups")
    @classmethod
    def _name_groups_as_labels(
        cls, groups: dict[str, tuple[str, ...]] | None
    ) -> dict[str, tuple[str, ...]] | None:
        if groups is None:
            return None
        names = [clean(name) for name in groups]
        if not names:
            raise ValueError("no group is named; give each a name and the paths of its classes")
        for name, paths in zip(names, groups.values(), strict=True):
            if problem := flaw(name):
                raise ValueError(problem)
            if names.count(name) > 1:
                raise ValueError(f"two groups are named {name!r}; rename one")
            if not paths:
                raise ValueError(f"group {name!r} has no class; name one or leave the group out")
        return dict(zip(names, groups.values(), strict=True))

    @model_validator(mode="after")
    def _leave_out_of_something(self) -> Self:
        if self.group is not None and self.groups is None:
            raise ValueError(f"group is {self.group!r} but there are no groups; set groups, too")
        if self.group is not None and self.groups is not None and self.group not in self.groups:
            raise ValueError(f"no group {self.group!r}; {suggestion(self.group, self.groups)}")
        if self.rest and self.group is None and self.branch is None:
            raise ValueError("rest needs a branch or a group that leaves something out; set one")
        return self

    @property
    def is_all(self) -> bool:
        """Whether nothing is left out and no label is changed."""
        return self == ScopeConfig()


def scoped(splits: Splits, scope: ScopeConfig) -> Splits:
    """The images that a scope takes, labelled in its smaller tree.

    Raises:
        DataError: the branch is no node of the tree, has nothing below it, or no split of it has
            an image to learn from; groups that do not hold each class once.
    """
    if scope.is_all:
        return splits
    tree, numbers = scoped_tree(splits.train.taxonomy, scope)
    train, validation, test = (
        relabelled(part, tree, numbers) for part in (splits.train, splits.validation, splits.test)
    )
    if not len(train):
        of = f"below {scope.branch!r}" if scope.group is None else f"in group {scope.group!r}"
        raise DataError(f"no training image is labelled {of}; choose another")
    return Splits(train, validation, test)


def scoped_tree(taxonomy: Taxonomy, scope: ScopeConfig) -> tuple[Taxonomy, Nodes]:
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
    >>> part, numbers = scoped_tree(tree, ScopeConfig(branch="dog", rest=True))
    >>> part.paths, numbers.tolist()
    (('', 'beagle', 'pug', 'none of these'), [-1, 3, -1, 1, 2])
    """
    tree, numbers = _branch(taxonomy, scope)
    if scope.groups is not None:
        if scope.group is None:
            tree, places = groups_as_labels(tree, scope.groups)
        else:
            tree, places = one_group(tree, scope.groups, scope.group)
        numbers = np.where(numbers >= 0, places[numbers], -1)
    if scope.rest:
        left_out = outside(taxonomy, numbers)
        tree, places = _with_rest(tree)
        numbers = np.where(numbers >= 0, places[numbers], -1)
        numbers[left_out] = tree.find(REST)
    return tree, numbers


def outside(taxonomy: Taxonomy, numbers: Nodes) -> NDArray[np.bool_]:
    """Which nodes a scope leaves out with all that is below them.

    Args:
        taxonomy: the whole tree.
        numbers: of its nodes in the scope's tree; see `scoped_tree`.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> outside(tree, scoped_tree(tree, ScopeConfig(branch="dog"))[1]).tolist()
    [False, True, False, False, False]
    """
    taken = numbers[taxonomy.leaves] >= 0
    none: NDArray[np.bool_] = taxonomy.roll_up(taken[None].astype(np.float64))[0] == 0
    return none


def relabelled(part: Collection, tree: Taxonomy, numbers: Nodes) -> Collection:
    """The images whose label has a number in another tree, labelled in it."""
    return part.under(tree, numbers)


def num_told_apart(taxonomy: Taxonomy, labels: Nodes) -> int:
    """How many classes images show that a network can tell apart; two labels on one path are one.

    Args:
        taxonomy: the tree of the labels.
        labels: of the images; the root says nothing.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> cat, dog, pug = 1, 2, 4
    >>> [num_told_apart(tree, np.array(labels)) for labels in ([dog, pug], [dog, cat], [0, cat])]
    [1, 2, 1]
    """
    seen = np.unique(labels[labels > 0])
    above = np.zeros(taxonomy.num_nodes, dtype=np.bool_)
    nodes = taxonomy.parents[seen]
    while not above[nodes].all():
        above[nodes] = True
        nodes = np.maximum(taxonomy.parents[nodes], 0)
    return int((~above[seen]).sum())


def _branch(taxonomy: Taxonomy, scope: ScopeConfig) -> tuple[Taxonomy, Nodes]:
    """`scoped_tree` by branch and depth alone."""
    if scope.branch is None and scope.depth is None:
        return taxonomy, np.arange(taxonomy.num_nodes)
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


def _with_rest(tree: Taxonomy) -> tuple[Taxonomy, Nodes]:
    """The tree with one more label at the top, the last there, and where its nodes went."""
    if REST in tree:
        raise DataError(f"label {REST!r} is taken by what the scope leaves out; rename yours")
    place = tree.level(1).stop
    moved = np.arange(tree.num_nodes)
    moved[place:] += 1
    names = [*tree.names[:place], REST, *tree.names[place:]]
    parents = np.insert(np.where(tree.parents < 0, -1, moved[tree.parents]), place, 0)
    return Taxonomy(names, parents, tree.level_names), moved
