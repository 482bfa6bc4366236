"""What each network of a method that is trained in parts is to learn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from labeltree.data.collection import Collection
from labeltree.data.scope import ScopeConfig, scoped_tree
from labeltree.errors import DataError
from labeltree.methods import Part, find_method
from labeltree.recipes import Recipe
from labeltree.taxonomy import SEPARATOR, Taxonomy


@dataclass(frozen=True, eq=False)
class Task:
    """What one network is to learn.

    Attributes:
        part: of the method.
        recipe: of its run.
        tree: the labels that it tells apart.
        num_images: training images with such labels.
    """

    part: Part
    recipe: Recipe
    tree: Taxonomy
    num_images: int


def plan_tasks(recipe: Recipe, train: Collection) -> tuple[Task, ...]:
    """A task for each part of the recipe's method.

    Args:
        recipe: of the whole, with everything settled that the images decide.
        train: the training images of the whole.

    Raises:
        ConfigError: options that do not fit the tree.
        DataError: a part has nothing to tell apart.
    """
    plan = find_method(recipe.method)
    assert plan.parts is not None
    parts = plan.parts(train.taxonomy, plan.config(**recipe.method_options))
    tasks = [_task(recipe, part, train) for part in parts]
    if len(tasks) == 1:
        raise DataError(
            f"{recipe.method}: no category has two classes or more below it in {train.taxonomy}; "
            "train it with --method flat, or give data with categories"
        )
    return tuple(tasks)


def _task(recipe: Recipe, part: Part, train: Collection) -> Task:
    tree, numbers = scoped_tree(train.taxonomy, part.scope)
    labels = numbers[train.targets]
    seen = len(np.unique(labels[labels > 0]))
    if seen < 2:
        branch = part.scope.branch
        what = "" if branch is None else f" of category {branch!r}"
        of = f"{tree.num_leaves} {'categories' if branch is None else 'classes'}"
        raise DataError(
            f"{recipe.method}: the training images{what} show {seen} of {of}; a network needs two "
            "to tell apart: add images, or change the tree"
        )
    own = recipe.replace(method="flat", method_options={}, scope=inside(recipe.scope, part.scope))
    return Task(part, own, tree, int((labels >= 0).sum()))


def inside(outer: ScopeConfig, inner: ScopeConfig) -> ScopeConfig:
    """The scope of a scope: `inner` as it is named in the tree that `outer` leaves.

    >>> inside(ScopeConfig(branch="animal", depth=3), ScopeConfig(branch="dog"))
    ScopeConfig(branch='animal/dog', depth=2)
    """
    branches = [branch for branch in (outer.branch, inner.branch) if branch is not None]
    depth = inner.depth
    if depth is None and outer.depth is not None:
        depth = outer.depth - (inner.branch.count(SEPARATOR) + 1 if inner.branch else 0)
    return ScopeConfig(branch=SEPARATOR.join(branches) or None, depth=depth)
