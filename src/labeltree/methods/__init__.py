"""Methods: a network, its loss and its node probabilities, each in its own folder.

Importing this package imports no torch, so that help and lists stay quick.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from labeltree.configuration import Config
from labeltree.errors import ConfigError, suggestion
from labeltree.methods import category_labels, flat, merged, multilabel, per_category, routed
from labeltree.methods.parts import Part
from labeltree.taxonomy import Taxonomy

if TYPE_CHECKING:
    from pathlib import Path

    from labeltree.backbones import Backbone
    from labeltree.methods.protocol import Method, NewBackbone


@dataclass(frozen=True)
class Entry:
    """One method of the table.

    Attributes:
        description: one line for lists and help.
        config: its options.
        build: from taxonomy, a function that gives a fresh backbone at each call, and options.
        parts: for a method whose networks are trained apart, side by side: what they are, from
            taxonomy and options; none if these options make one network of it.
        settle: options that name files to options that need none, checked against the taxonomy.
        backbones: names of backbones, beside the recipe's, that options ask for.
        whole: of a method with parts, whether these options make one network of it; None is never.
        label_sets: whether it learns from label sets; others get what the labels of an image have
            in common.
        auxiliary: whether it trains auxiliary heads of a backbone.
    """

    description: str
    config: type[Config]
    build: Callable[[Taxonomy, NewBackbone, Any], Method]
    parts: Callable[[Taxonomy, Any], tuple[Part, ...]] | None = None
    settle: Callable[[Taxonomy, Any], Config] | None = None
    backbones: Callable[[Any], tuple[str, ...]] | None = None
    whole: Callable[[Any], bool] | None = None
    label_sets: bool = False
    auxiliary: bool = False


METHODS: dict[str, Entry] = {
    "flat": Entry(
        "one softmax over the leaves, summed up the tree (the baseline)",
        flat.FlatConfig,
        flat.build,
        auxiliary=True,
    ),
    "merged": Entry(
        "one softmax for each level, on networks that share their first stages",
        merged.MergedConfig,
        merged.build,
    ),
    "category_labels": Entry(
        "one softmax over the nodes of all levels, trained with each image's whole path",
        category_labels.CategoryLabelsConfig,
        category_labels.build,
    ),
    "multilabel": Entry(
        "one sigmoid for each leaf, for images that show several things; grows by new leaves",
        multilabel.MultilabelConfig,
        multilabel.build,
        label_sets=True,
    ),
    "per_category": Entry(
        "a network that finds the category, and one for each category, trained side by side",
        per_category.PerCategoryConfig,
        per_category.build,
        per_category.parts,
    ),
    "routed": Entry(
        "a router that finds the group, and an expert for each group; one, some or all answer",
        routed.RoutedConfig,
        routed.build,
        routed.parts,
        routed.settle,
        routed.backbones,
        routed.whole,
    ),
}


def make_method(
    name: str,
    taxonomy: Taxonomy,
    backbone: str,
    options: Config | Mapping[str, Any] | None = None,
    weights: Path | None = None,
    pretrained: bool = False,
) -> Method:
    """Build a method by name, freshly initialised from torch's random state.

    Args:
        name: one of `METHODS`.
        taxonomy: the label tree.
        backbone: a name that `labeltree.backbones.make_backbone` knows.
        options: the method's config, or its fields.
        weights: a safetensors file that every backbone starts from.
        pretrained: download the library's weights for that instead.

    Raises:
        ConfigError: unknown method, option or backbone, options that do not fit them, or a backbone
            that the method cannot train.
    """
    from labeltree.backbones import make_backbone

    entry = find_method(name)
    config = options if isinstance(options, entry.config) else entry.config(**dict(options or {}))

    trainable = partial(_trainable, name)

    def new_backbone(name: str | None = None) -> Backbone:
        return trainable(make_backbone(name or backbone, weights, pretrained))

    return entry.build(taxonomy, new_backbone, config)


def check_names(
    name: str, backbone: str, options: Mapping[str, Any], side: int | None = None
) -> None:
    """What `make_method` finds wrong with names and options, without memory and images.

    Args:
        name: one of `METHODS`.
        backbone: of the recipe.
        options: fields of the method's config.
        side: of the smallest images that the networks are to take, in pixels; None if it is not
            known yet.

    Raises:
        ConfigError: unknown method, option or backbone, a backbone that the method cannot train,
            or one that needs larger images.
    """
    from labeltree.backbones import check_side, outline

    entry = find_method(name)
    config = entry.config(**options)
    for each in (backbone, *(entry.backbones(config) if entry.backbones else ())):
        _trainable(name, outline(each))
        if side is not None:
            check_side(each, side)


def _trainable(name: str, backbone: Backbone) -> Backbone:
    """The same backbone, if the method can train all of it."""
    if len(backbone.auxiliary) and not METHODS[name].auxiliary:
        raise ConfigError(
            f"method {name} has no loss for the auxiliary heads of a backbone, they would not be "
            "trained; leave out +aux, or choose --method flat"
        )
    return backbone


def find_method(name: str) -> Entry:
    """The table's entry.

    Raises:
        ConfigError: no such method; the message names the nearest, or all.
    """
    if name not in METHODS:
        raise ConfigError(f"unknown method {name!r}; {suggestion(name, METHODS)}")
    return METHODS[name]


__all__ = ["METHODS", "Entry", "Part", "check_names", "find_method", "make_method"]
