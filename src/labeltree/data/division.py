"""The training images that a trained router sends to one of its experts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

import numpy as np
from pydantic import Field, model_validator

from labeltree.configuration import Config
from labeltree.data.collection import Collection
from labeltree.data.scope import (
    REST,
    ScopeConfig,
    num_told_apart,
    outside,
    relabelled,
    scoped_tree,
)
from labeltree.errors import DataError
from labeltree.taxonomy.arrays import Nodes

_STREAM = 2  # of the seed: the labels do not depend on what else is drawn from it


class DivisionConfig(Config):
    """Which training images an expert learns from: all of its classes, unless it is set."""

    router: Path | None = Field(
        None, description="run folder of a router, relative to this run's: what it sends here"
    )
    group: str | None = Field(None, description="path of this expert's node in the router's tree")
    misrouted: Literal["random", "drop"] = Field(
        "random",
        description="images of other groups: get a random class of the expert, or are left out",
    )

    @model_validator(mode="after")
    def _name_both(self) -> Self:
        if (self.router is None) != (self.group is None):
            given, wanted = ("group", "router") if self.router is None else ("router", "group")
            raise ValueError(f"{given} is set without {wanted}; set both, or neither")
        return self


@dataclass(frozen=True)
class Division:
    """What a router sent to an expert, in numbers of training images.

    Attributes:
        sent: all of them.
        misrouted: those that belong to none of the expert's classes.
        fallback: whether those sent show fewer than two of the expert's classes, so that it learns
            from all images of its classes instead.
    """

    sent: int
    misrouted: int
    fallback: bool


def divided(
    train: Collection,
    scope: ScopeConfig,
    router_scope: ScopeConfig,
    answers: Nodes,
    config: DivisionConfig,
    seed: int,
) -> tuple[Collection, Division]:
    """The training images that the router sends to an expert, labelled in the expert's tree.

    Images of other groups get a random class or are left out (paper 004, section 3); if the
    expert's scope has a label for the rest, they get that. Images known only as something that
    spans several groups are left out.

    Args:
        train: the training images of every scope.
        scope: the expert's.
        router_scope: the router's.
        answers: a leaf of the router's tree for each training image of its scope, in their order.
        config: says which group the expert has.
        seed: equal seeds draw equal random classes.

    Raises:
        DataError: answers that do not fit the images or the tree; as `scoped_tree`.
        TaxonomyError: the group is no node of the router's tree.
    """
    assert config.group is not None
    images = _sent(train, router_scope, answers, config.group)
    tree, numbers = scoped_tree(train.taxonomy, scope)
    targets = train.targets[images]
    labels = numbers[targets]
    rest = tree.find(REST) if scope.rest else -1
    strange = labels == rest if scope.rest else outside(train.taxonomy, numbers)[targets]
    seen = num_told_apart(tree, labels[~strange & (labels > 0)])
    division = Division(len(images), int(strange.sum()), fallback=seen < 2)
    if division.fallback:
        own = np.where(numbers == rest, -1, numbers)
        return relabelled(train, tree, own), division
    if config.misrouted == "random" and not scope.rest:
        draw = np.random.default_rng([seed, _STREAM])
        labels[strange] = draw.choice(tree.leaves, int(strange.sum()))
    kept = labels >= 0
    return Collection(tree, train.images.subset(images[kept]), labels[kept]), division


def _sent(train: Collection, router_scope: ScopeConfig, answers: Nodes, group: str) -> Nodes:
    """The positions in `train` of the images that the router answers with the group."""
    tree, numbers = scoped_tree(train.taxonomy, router_scope)
    asked = np.flatnonzero(numbers[train.targets] >= 0)
    if answers.shape != asked.shape:
        raise DataError(
            f"the router answered {len(answers):,} training images of {len(asked):,}; train it "
            "again on the images that are there now"
        )
    node = tree.find(group)
    if not tree.is_leaf[node]:
        raise DataError(f"{group!r} has labels below it in the router's tree; name one of those")
    if not np.isin(answers, tree.leaves).all():
        raise DataError(
            f"the router's answers are not all among the {tree.num_leaves:,} labels of its tree; "
            "train it again"
        )
    return asked[answers == node]
