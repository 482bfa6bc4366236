"""What the study trains of a plan, and what each network goes on to learn.

A base learns single labels. Whatever is streamed goes on from it, on the combinations alone: so all
protections of a seed begin with the same weights.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import Field

from labeltree.data import open_source, relabel
from labeltree.errors import ConfigError
from labeltree.recipes import Recipe
from labeltree.streaming import StreamingConfig
from labeltree.studies.members import member_folder
from labeltree.studies.on_data import DataOptions
from labeltree.studies.study import Asked, Member
from labeltree.training import TrainingConfig

LOSSES = {
    "margin": "multilabel-margin",
    "soft margin": "multilabel-soft-margin",
    "bce": "binary-cross-entropy",
    "asymmetric": "asymmetric",
}
"""What rows call the losses of method `multilabel`."""

MARGIN = "margin"
"""The loss of all of the paper's tables but the second."""

SINGLE = "softmax"
"""What rows call single-label networks: method `flat`."""

UNPROTECTED = "none"

New = tuple[str, Mapping[str, Any]]
"""A data set and its options."""

Protections = Mapping[str, Mapping[str, float | int | bool]]
"""Names of rows to fields of `StreamingConfig`."""

SHARES = (0.25, 0.5, 1.0)
"""Of the epochs of a base: how long everything is learned again."""


@dataclass(frozen=True)
class Network:
    """One row of the tables: a network and its loss.

    Attributes:
        model, variant: as in `labeltree.studies.streaming.paper`.
        backbone: its name.
        loss: a key of `LOSSES`, or `SINGLE`.
    """

    model: str
    variant: str
    backbone: str
    loss: str = MARGIN


@dataclass(frozen=True)
class Plan:
    """What is compared at one scale.

    Attributes:
        recipe: of the bases, but for method and backbone.
        networks: the bases.
        protected: those of them that are streamed with every protection; the first is trained
            again on everything, too.
        single: the network that is trained with a softmax on everything.
        protections: how they are streamed; the others are streamed without any.
        epochs: of streaming.
        learning_rate: of streaming, at its peak.
        new: data that are streamed, with its options; None if a person must name them.
        everything: the options that put the base's images in front of those.
        protected_training: of `protected`, and of learning everything again; None is that of
            `recipe`.
        gentler: learning rates of those protections that diverge at `learning_rate`.
    """

    recipe: Recipe
    networks: tuple[Network, ...]
    protected: tuple[Network, ...]
    single: Network
    protections: Protections
    epochs: float
    learning_rate: float
    new: New | None
    everything: Mapping[str, Any]
    protected_training: TrainingConfig | None = None
    gentler: Mapping[str, float] = field(default_factory=dict)


class StreamingOptions(DataOptions):
    """Which data, and which new ones instead of those of the scale."""

    new: str | None = Field(
        None, description="a folder or a table of images of the same labels and their combinations"
    )

    def applied(self, plan: Plan, data_root: Path | None) -> Plan:
        """The plan with the data that were asked for.

        Raises:
            ConfigError: the new images of these data are not known.
            DataError: they have labels that the data lack, or one of both cannot be used.
        """
        recipe = self.on(plan.recipe)
        if self.new is not None:
            data = open_source(recipe.data, data_root, **recipe.data_options)
            relabel(open_source(self.new, data_root), data.taxonomy)
            return replace(plan, recipe=recipe, new=(self.new, {}), everything={})
        if plan.new is None or (recipe.data, self.categories) != (plan.recipe.data, None):
            chosen = recipe.data if self.categories is None else f"those of {self.categories}"
            raise ConfigError(
                f"which images with combined labels follow on {chosen}? Name a folder or a table "
                "of them: --set new=mixes.csv"
            )
        return replace(plan, recipe=recipe)


def members_of(plan: Plan, asked: Asked) -> list[Member]:
    """All networks of a seed before the next seed: a study that is stopped is worth something.

    Raises:
        LabeltreeError: as `StreamingOptions.applied`.
    """
    options: StreamingOptions = asked.options
    plan = options.applied(plan, asked.data_root)
    return [member for seed in range(asked.seeds) for member in _of_a_seed(plan, seed)]


def _of_a_seed(plan: Plan, seed: int) -> Iterator[Member]:
    usual = plan.recipe.replace(training=plan.recipe.training.replace(seed=seed))
    longer = (plan.protected_training or plan.recipe.training).replace(seed=seed)
    protected = plan.recipe.replace(training=longer)
    bases = {
        network: _base(network, protected if network in plan.protected else usual, seed)
        for network in plan.networks
    }
    again = list(_again(plan, protected, usual, seed)) if plan.everything else []
    for network in plan.protected:  # what takes several steps comes first
        yield bases[network]
    yield from again
    for network, base in bases.items():
        if network not in plan.protected:
            yield base
    for network, base in bases.items():
        if network.loss != SINGLE:
            chosen = plan.protections if network in plan.protected else {UNPROTECTED: {}}
            for name, fields in chosen.items():
                yield _streamed(plan, network, base, name, fields, seed)


def _labels(network: Network, **more: str | int) -> dict[str, str | int]:
    return {
        "model": network.model,
        "variant": network.variant,
        "loss": network.loss,
        **more,
    }


def _learning(recipe: Recipe, network: Network) -> Recipe:
    """The recipe with a network and its loss."""
    recipe = recipe.replace(backbone=network.backbone)
    if network.loss == SINGLE:
        return recipe
    return recipe.replace(method="multilabel", method_options={"loss": LOSSES[network.loss]})


def _base(network: Network, recipe: Recipe, seed: int) -> Member:
    return Member(_labels(network, seed=seed), _learning(recipe, network))


def _streamed(
    plan: Plan,
    network: Network,
    base: Member,
    name: str,
    fields: Mapping[str, float | int | bool],
    seed: int,
) -> Member:
    """What a base goes on to learn, from its own folder beside this member's."""
    assert plan.new is not None
    data, options = plan.new
    training, rate = base.recipe.training, plan.gentler.get(name, plan.learning_rate)
    folder = Path("..") / member_folder(Path(), base.name, base.recipe).name
    recipe = base.recipe.replace(
        data=data,
        data_options=dict(options),
        training=training.replace(
            epochs=plan.epochs,
            optimizer=training.optimizer.replace(learning_rate=rate),
        ),
        streaming=StreamingConfig(base=folder, **fields),
    )
    return Member(_labels(network, protection=name, seed=seed), recipe, (base.name,))


def _again(plan: Plan, protected: Recipe, usual: Recipe, seed: int) -> Iterator[Member]:
    """Everything learned from scratch: as label sets, for shares of the epochs, and as classes."""
    assert plan.new is not None and protected.training.epochs is not None
    data, options = plan.new
    everything = {**options, **plan.everything}
    first = plan.protected[0]
    for share in SHARES:
        training = protected.training.replace(epochs=share * protected.training.epochs)
        recipe = protected.replace(data=data, data_options=everything, training=training)
        yield Member(
            _labels(first, retrained="sets", percent=round(100 * share), seed=seed),
            _learning(recipe, first),
        )
    as_classes = usual.replace(data=data, data_options={**everything, "as_classes": True})
    yield Member(
        _labels(plan.single, retrained="classes", percent=100, seed=seed),
        _learning(as_classes, plan.single),
    )
