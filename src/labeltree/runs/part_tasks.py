"""What each network of a method that is trained in parts is to learn."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from labeltree.data.collection import Collection
from labeltree.data.division import DivisionConfig
from labeltree.data.scope import REST, ScopeConfig, num_told_apart, scoped_tree
from labeltree.errors import ConfigError, DataError
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
        num_images: training images with such labels; if a router divides the images, it may see
            others.
    """

    part: Part
    recipe: Recipe
    tree: Taxonomy
    num_images: int


def trains_apart(recipe: Recipe) -> bool:
    """Whether the recipe's method trains several networks, each by itself, whatever the tree.

    Raises:
        ConfigError: unknown method or option.
    """
    plan = find_method(recipe.method)
    config = plan.config(**recipe.method_options)
    return plan.parts is not None and not (plan.whole is not None and plan.whole(config))


def trained_apart(recipe: Recipe, taxonomy: Taxonomy) -> tuple[Part, ...]:
    """The networks that the recipe's method trains apart; none if it is trained as a whole.

    Raises:
        LabeltreeError: options that do not fit the tree.
    """
    plan = find_method(recipe.method)
    if plan.parts is None:
        return ()
    return plan.parts(taxonomy, plan.config(**recipe.method_options))


def plan_tasks(recipe: Recipe, train: Collection) -> tuple[Task, ...]:
    """A task for each part of the recipe's method.

    Args:
        recipe: of the whole, with everything settled that the images decide.
        train: the training images of the whole.

    Raises:
        ConfigError: options that do not fit the tree.
        DataError: a part has nothing to tell apart.
    """
    parts = trained_apart(recipe, train.taxonomy)
    if len(parts) == 1:
        raise DataError(
            f"{recipe.method}: no {_kind(parts[0])} has two classes or more in "
            f"{train.taxonomy}; train it with --method flat, or give data with categories"
        )
    followed = {part.follows for part in parts}
    return tuple(
        _task(part_recipe(recipe, part, answers=part.name in followed), part, recipe.method, train)
        for part in parts
    )


def part_recipe(recipe: Recipe, part: Part, answers: bool = False) -> Recipe:
    """The recipe of a part's run, which lies beside those of the other parts.

    Args:
        recipe: of the whole.
        part: of its method.
        answers: whether other parts learn from what it answers.

    Raises:
        ConfigError: the scope of the whole has groups or a rest of its own.
    """
    division = DivisionConfig()
    if part.follows is not None:
        assert part.misrouted is not None
        division = DivisionConfig(
            router=Path("..") / part.follows, group=part.group, misrouted=part.misrouted
        )
    return recipe.replace(
        method="flat",
        method_options={},
        backbone=part.backbone or recipe.backbone,
        scope=inside(recipe.scope, part.scope),
        division=division,
        answer_training=answers,
    )


def _task(own: Recipe, part: Part, method: str, train: Collection) -> Task:
    tree, numbers = scoped_tree(train.taxonomy, part.scope)
    if part.scope.rest:
        numbers[numbers == tree.find(REST)] = -1  # no class to tell from another
    labels = numbers[train.targets]
    seen, known = num_told_apart(tree, labels), tree.num_leaves - part.scope.rest
    if seen < 2:
        kind, name = _kind(part), part.scope.group or part.scope.branch
        what, of = f" of {kind} {name!r}", "classes"
        if name is None:
            what, of = "", {"category": "categories", "group": "groups"}[kind]
        raise DataError(
            f"{method}: the training images{what} show {seen} of {known} {of}; a network needs two "
            "to tell apart: add images, or change the tree"
        )
    return Task(part, own, tree, int((labels >= 0).sum()))


def _kind(part: Part) -> str:
    return "category" if part.scope.groups is None else "group"


def inside(outer: ScopeConfig, inner: ScopeConfig) -> ScopeConfig:
    """The scope of a scope: `inner` as it is named in the tree that `outer` leaves.

    Raises:
        ConfigError: `outer` has groups, or a label for the rest, or a branch where `inner` has a
            label for the rest: it would be given to what lies outside that branch, too.

    >>> inside(ScopeConfig(branch="animal", depth=3), ScopeConfig(branch="dog")).branch
    'animal/dog'
    """
    if outer.groups is not None or outer.rest:
        key = "rest" if outer.groups is None else "groups"
        raise ConfigError(
            f"scope.{key}: networks that are trained apart have scopes of their own, which "
            f"cannot lie in one with {key}; leave out scope.{key}, or choose --method flat"
        )
    if inner.rest and outer.branch is not None:
        raise ConfigError(
            f"scope.branch: an expert with a label for the rest ({REST!r}, misrouted=reject) would "
            "be asked for all that the branch leaves out, too; leave out scope.branch, or choose "
            "another misrouted"
        )
    branches = [branch for branch in (outer.branch, inner.branch) if branch is not None]
    depth = inner.depth
    if depth is None and outer.depth is not None:
        depth = outer.depth - (inner.branch.count(SEPARATOR) + 1 if inner.branch else 0)
    return inner.replace(branch=SEPARATOR.join(branches) or None, depth=depth)
