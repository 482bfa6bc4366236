"""`routed`: a router over groups of classes, and an expert for each group (paper 004)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from labeltree.configuration import Config
from labeltree.errors import ConfigError
from labeltree.methods.parts import Part
from labeltree.methods.routed.routing import EXPECTED, Routing
from labeltree.taxonomy import Taxonomy

if TYPE_CHECKING:
    from labeltree.methods.protocol import Method, NewBackbone
    from labeltree.methods.routed.plan import Grouping


class RoutedConfig(Config):
    """Which groups, which networks, what the experts learn from, and how many of them answer.

    `misrouted` says what an expert learns from. `true`: all images of its group. The others let
    the trained router divide the training images, and say what becomes of those that it sends to
    the wrong expert. `random` gives them a random class of that expert (as published), `drop`
    leaves them out, and `reject` gives them an output of their own, `none of these`.

    With `merge_point` the networks share their first stages and are trained together, as one.

    >>> RoutedConfig(groups={"pets": ["cat", "dog"], "vehicles": ["bus"]}).groups
    {'pets': ('cat', 'dog'), 'vehicles': ('bus',)}
    """

    groups: Path | dict[str, tuple[str, ...]] | None = Field(
        None, description="a table of group and class, a tree of two levels, or group: [classes]"
    )
    depth: int | None = Field(
        None, ge=1, description="instead of groups: the nodes at this level are the groups (1)"
    )
    router: str | None = Field(None, description="backbone of the router; the recipe's if not set")
    experts: str | dict[str, str] | None = Field(
        None, description="backbone of all experts, or group: backbone; the recipe's if not set"
    )
    misrouted: Literal["random", "drop", "true", "reject"] = Field(
        "true", description="what becomes of training images that the router sends astray"
    )
    routing: str = Field("soft", description=f"experts that answer for an image: {EXPECTED}")
    merge_point: int = Field(0, ge=0, description="stages that router and experts share (HD-CNN)")

    @field_validator("groups", mode="before")
    @classmethod
    def _as_labels(cls, groups: Any) -> Any:
        if groups is None or isinstance(groups, str | Path):
            return groups
        if not isinstance(groups, Mapping):
            raise ValueError("expected the path of a table, or group: [classes]")
        for name, labels in groups.items():
            if not isinstance(labels, list | tuple):
                raise ValueError(f"group {name!r} is {labels!r}; expected a list of its classes")
            if not labels:
                raise ValueError(f"group {name!r} has no class; name one or leave the group out")
        # Classes such as the digits of MNIST are numbers in YAML.
        return {str(name): tuple(map(str, labels)) for name, labels in groups.items()}

    @field_validator("experts", mode="before")
    @classmethod
    def _by_label(cls, experts: Any) -> Any:
        if experts is None or isinstance(experts, str):
            return experts
        if not isinstance(experts, Mapping):
            raise ValueError("expected the name of a backbone, or group: backbone")
        for name, backbone in experts.items():
            if not isinstance(backbone, str):
                raise ValueError(f"group {name!r} has {backbone!r}; expected a backbone's name")
        return {str(name): backbone for name, backbone in experts.items()}

    @field_validator("misrouted", mode="before")
    @classmethod
    def _as_word(cls, misrouted: Any) -> Any:
        return "true" if misrouted is True else misrouted  # as YAML and --set read the bare word

    @field_validator("routing")
    @classmethod
    def _known_routing(cls, routing: str) -> str:
        try:
            return str(Routing.parse(routing))
        except ConfigError:
            raise ValueError(f"expected {EXPECTED}") from None

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        if self.groups is not None and self.depth is not None:
            raise ValueError("groups and depth both say what the groups are; give one of them")
        if self.merge_point and (self.router or self.experts):
            raise ValueError(
                "with a merge_point the router and the experts share stages and so a backbone, "
                "the recipe's; leave out router and experts, or set merge_point=0"
            )
        if self.merge_point and self.misrouted != "true":
            raise ValueError(
                f"misrouted={self.misrouted} needs a router that is trained first; with a "
                "merge_point all are trained together: set misrouted=true or merge_point=0"
            )
        return self


def settle(taxonomy: Taxonomy, config: RoutedConfig) -> RoutedConfig:
    """The options with the groups written out, so that they need no file; checked against the tree.

    This alone reads files: options may come with a stranger's model, which must not name any.

    Raises:
        ConfigError: options that do not fit the tree or the groups.
        DataError: groups that do not hold each class once; see `read_groups`.
        TaxonomyError: a file that cannot be read.
    """
    from labeltree.methods.routed.groups import read_groups

    if config.groups is not None:
        config = config.replace(groups=read_groups(taxonomy, config.groups))
    elif config.depth is None:
        config = config.replace(depth=1)
    _networks(taxonomy, config)
    return config


def parts(taxonomy: Taxonomy, config: RoutedConfig) -> tuple[Part, ...]:
    """The networks that are trained apart: none if they share stages.

    Raises:
        ConfigError: groups in a file.
        LabeltreeError: as `settle`.
    """
    return () if whole(config) else _networks(taxonomy, _written_out(taxonomy, config))


def build(taxonomy: Taxonomy, new_backbone: NewBackbone, config: RoutedConfig) -> Method:
    """See `labeltree.methods.Entry`.

    Raises:
        ConfigError: groups in a file.
        LabeltreeError: as `settle`.
    """
    from labeltree.methods.routed.network import Routed

    config = _written_out(taxonomy, config)
    networks, routing = _networks(taxonomy, config), Routing.parse(config.routing)
    return Routed(taxonomy, new_backbone, networks, routing, config.merge_point)


def backbones(config: RoutedConfig) -> tuple[str, ...]:
    """Names of the backbones that the options ask for."""
    experts = config.experts or {}
    named = (experts,) if isinstance(experts, str) else tuple(experts.values())
    return named if config.router is None else (config.router, *named)


def _written_out(taxonomy: Taxonomy, config: RoutedConfig) -> RoutedConfig:
    """`settle`, but without reading any file."""
    if isinstance(config.groups, Path):
        raise ConfigError(
            f"groups is the path {str(config.groups)!r} where networks are built; expected "
            "group: [classes], as `labeltree.methods.routed.settle` reads it from a file"
        )
    return settle(taxonomy, config)


def whole(config: RoutedConfig) -> bool:
    """Whether router and experts are one network, because they share stages."""
    return config.merge_point > 0


def _networks(taxonomy: Taxonomy, config: RoutedConfig) -> tuple[Part, ...]:
    """The parts that a settled configuration asks for, shared stages or not."""
    from labeltree.methods.routed.plan import networks

    grouping = _grouping(taxonomy, config)
    Routing.parse(config.routing, len(grouping.groups))
    return networks(grouping, config.router, config.experts, config.misrouted)


def _grouping(taxonomy: Taxonomy, config: RoutedConfig) -> Grouping:
    from labeltree.methods.routed.plan import grouped_at, grouped_by

    if config.groups is None:
        return grouped_at(taxonomy, config.depth or 1)
    assert not isinstance(config.groups, Path)
    return grouped_by(config.groups)


__all__ = ["RoutedConfig", "backbones", "build", "parts", "settle", "whole"]
