"""Backbones: convolutional networks as lists of stages that can be cut, one file for each kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import torch

from labeltree.backbones.densenet import densenet
from labeltree.backbones.inception_resnet import inception_resnet, inception_senet
from labeltree.backbones.preresnet import preresnet
from labeltree.backbones.protocol import (
    Auxiliary,
    Backbone,
    FittedStem,
    ScaledLinear,
    prepare,
)
from labeltree.backbones.resnet import RESNET18, RESNET34, resnet
from labeltree.backbones.resnet_maxpool import resnet34_maxpool
from labeltree.backbones.senet import senet
from labeltree.backbones.sides import smallest_side
from labeltree.backbones.slim import slim_network
from labeltree.backbones.slim_senet import slim_senet
from labeltree.backbones.timm_networks import timm_backbone, timm_weights
from labeltree.backbones.torchvision_networks import torchvision_backbone
from labeltree.backbones.weights import load_weights
from labeltree.errors import ConfigError, suggestion


@dataclass(frozen=True)
class Entry:
    """One backbone of the table, or a family of them.

    Attributes:
        description: one line for lists and help.
        build: from what stands for `<...>` in the name (else nothing) to a fresh backbone.
        examples: names to list, to suggest and to test.
        fetch: from the same to a file of pretrained weights, where there are any.
    """

    description: str
    build: Callable[[str], Backbone]
    examples: tuple[str, ...]
    fetch: Callable[[str], Path] | None = None


BACKBONES: dict[str, Entry] = {
    "slim": Entry(
        "9 layers, for CPUs; small images",
        lambda _: slim_network(),
        ("slim",),
    ),
    "slim-w<width>": Entry(
        "slim with another number of channels in its last stage",
        slim_network,
        ("slim-w64", "slim-w192", "slim-w256"),
    ),
    "slim-senet-w<width>[-x<expansion>][-r<reduction>]": Entry(
        "slim with gates, for CPUs",
        slim_senet,
        ("slim-senet-w64", "slim-senet-w64-x2-r32"),
    ),
    "resnet18": Entry(
        "3×3 stem; small images",
        lambda _: resnet(RESNET18),
        ("resnet18",),
    ),
    "resnet18-w<width>": Entry(
        "resnet18 with another number of channels in its first stage",
        lambda width: resnet(RESNET18, width),
        ("resnet18-w32", "resnet18-w128"),
    ),
    "resnet34": Entry(
        "3×3 stem; small images",
        lambda _: resnet(RESNET34),
        ("resnet34",),
    ),
    "resnet34-maxpool": Entry(
        "7×7 stem, max pools between the stages; photos",
        lambda _: resnet34_maxpool(),
        ("resnet34-maxpool",),
    ),
    "preresnet<depth>": Entry(
        "any depth 6n + 2 or 9n + 2; small images",
        preresnet,
        tuple(f"preresnet{depth}" for depth in (20, 32, 44, 56, 110, 164, 1001)),
    ),
    "densenet<depth>": Entry(
        "DenseNet-BC, any depth 6n + 4; small images",
        densenet,
        ("densenet100",),
    ),
    "senet<depth>[-w<width>][-x<expansion>][-r<reduction>]": Entry(
        "squeeze and excitation in every block, 7×7 stem; photos",
        senet,
        ("senet18", "senet152", "senet18-x2-r32"),
    ),
    "small-senet<depth>[-w<width>][-x<expansion>][-r<reduction>]": Entry(
        "squeeze and excitation in every block, 3×3 stem; small images",
        partial(senet, small=True),
        ("small-senet18", "small-senet18-w16-x4", "small-senet50-w16-rsqrt"),
    ),
    "inception-resnet-<channels>": Entry(
        "parallel branches with shortcuts, three sections; photos",
        inception_resnet,
        ("inception-resnet-48", "inception-resnet-96", "inception-resnet-384"),
    ),
    "inception-senet-<channels>": Entry(
        "inception-resnet with squeeze and excitation in every module; photos",
        inception_senet,
        ("inception-senet-48", "inception-senet-96", "inception-senet-384"),
    ),
    "timm:<name>[+fc1000]": Entry(
        "any CNN of timm; +fc1000 keeps its own classifier as one more layer",
        timm_backbone,
        ("timm:resnet50", "timm:efficientnet_b0", "timm:convnext_tiny", "timm:resnet18+fc1000"),
        timm_weights,
    ),
    "torchvision:<name>[+aux][+fc1000]": Entry(
        "any CNN of torchvision; +fc1000 likewise; +aux trains the auxiliary head of inception_v3",
        torchvision_backbone,
        (
            "torchvision:resnet18",
            "torchvision:resnet18+fc1000",
            "torchvision:vgg16",
            "torchvision:inception_v3+aux",
        ),
    ),
}


def make_backbone(name: str, weights: Path | None = None, pretrained: bool = False) -> Backbone:
    """Build a backbone by name, freshly initialised from torch's random state.

    Args:
        name: a name of `BACKBONES`, with `<...>` filled in.
        weights: a safetensors file to start from, see `load_weights`.
        pretrained: start from weights that timm knows, downloaded once, unless `weights` are given.

    Raises:
        ConfigError: unknown name, impossible depth, a network that cannot be cut, or weights that
            are missing or do not fit.

    >>> backbone = make_backbone("slim")
    >>> len(backbone.stages), backbone.num_features
    (3, 128)
    """
    entry, filled_in = find_backbone(name)
    if pretrained and weights is None:
        if entry.fetch is None:
            raise ConfigError(
                f"{name} has no pretrained weights to download; use a timm: network, or give a "
                "safetensors file as weights"
            )
        weights = entry.fetch(filled_in)
    backbone = entry.build(filled_in)
    if weights is not None:
        load_weights(backbone, weights)
    return backbone


@lru_cache(maxsize=16)
def outline(name: str) -> Backbone:
    """A backbone whose tensors have shapes and no values, in evaluation mode.

    It is built and run in no time, uses no memory, and leaves torch's random state alone: to ask
    for shapes and sizes. One is kept for all who ask, so leave it as it is.

    Raises:
        ConfigError: as `make_backbone`.

    >>> outline("slim")(torch.empty(2, 3, 32, 32, device="meta")).shape
    torch.Size([2, 128])
    """
    with torch.random.fork_rng(devices=[]):
        try:
            with torch.device("meta"):
                return make_backbone(name).eval()
        except (
            RuntimeError
        ):  # code that looks at values while it builds, as in old versions of timm
            return make_backbone(name).to("meta").eval()


def check_side(name: str, side: int) -> None:
    """Raise ConfigError if images are too small for a backbone; the message names the smallest.

    Args:
        name: as for `make_backbone`.
        side: of the images, in pixels.

    >>> check_side("slim", 32)
    """
    smallest = smallest_side(outline(name), side)
    if smallest > side:
        raise ConfigError(
            f"{name}: images of at least {smallest} pixels are needed, got {side}; "
            f"--set loading.image_size={smallest} (and no less in training.image_sizes)"
        )


def find_backbone(name: str) -> tuple[Entry, str]:
    """The table's entry for a name, and what the name has in place of `<...>`.

    Raises:
        ConfigError: no such backbone; the message names the nearest, or all.

    >>> find_backbone("preresnet164")[1]
    '164'
    """
    for key, entry in BACKBONES.items():
        prefix, is_family, _ = key.partition("<")
        if name == key or (is_family and name.startswith(prefix)):
            return entry, name.removeprefix(prefix)
    examples = [example for entry in BACKBONES.values() for example in entry.examples]
    hint = suggestion(name, examples, otherwise=f"known: {', '.join(BACKBONES)}")
    raise ConfigError(f"unknown backbone {name!r}; {hint}")


__all__ = [
    "BACKBONES",
    "Auxiliary",
    "Backbone",
    "Entry",
    "FittedStem",
    "ScaledLinear",
    "check_side",
    "find_backbone",
    "load_weights",
    "make_backbone",
    "outline",
    "prepare",
]
