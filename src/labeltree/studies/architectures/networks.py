"""From names to networks: the paper's three by its names, any other as `labeltree train` has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from labeltree.backbones import BACKBONES, find_backbone, outline
from labeltree.backbones.sides import smallest_side
from labeltree.errors import ConfigError, suggestion
from labeltree.studies.architectures.paper import NETWORKS

PHOTO_SIDE = 224
"""Of images for a network of a library that tells no other."""


@dataclass(frozen=True)
class Network:
    """One network of the study.

    Attributes:
        name: as rows call it.
        backbone: what it is.
        side: of its images in pixels; None is the images' own.
    """

    name: str
    backbone: str
    side: int | None


def find_networks(names: Sequence[str], sides: Mapping[str, int]) -> list[Network]:
    """The networks of these names.

    Args:
        names: of the paper's networks, or of backbones. A backbone that is one of the paper's
            networks gets its name.
        sides: of a scale's own networks, by name.

    Raises:
        ConfigError: no such network (the nearest is named), or the same one twice.
    """
    found = [_network(name, sides) for name in names]
    for number, network in enumerate(found):
        if network in found[:number]:
            raise ConfigError(f"models names {network.name!r} twice; leave one out")
    return found


def check_side(network: Network, side: int) -> None:
    """Raise ConfigError if images of this side, in pixels, are too small for a network."""
    smallest = smallest_side(outline(network.backbone), side)
    if smallest > side:
        raise ConfigError(
            f"{network.name} needs images of at least {smallest} pixels, got {side}; "
            f"--set image_size={smallest}, or leave it out of models"
        )


def _network(name: str, sides: Mapping[str, int]) -> Network:
    short = {network.backbone: short for short, network in NETWORKS.items()}.get(name, name)
    if short in NETWORKS:
        return Network(short, NETWORKS[short].backbone, sides.get(short, NETWORKS[short].side))
    try:
        find_backbone(name)
    except ConfigError:
        examples = [example for entry in BACKBONES.values() for example in entry.examples]
        hint = suggestion(
            name,
            [*NETWORKS, *examples],
            otherwise=f"known: {', '.join([*NETWORKS, *BACKBONES])}",
        )
        raise ConfigError(f"unknown network {name!r}; {hint}") from None
    return Network(name, name, sides.get(name, _own_side(name)))


def _own_side(backbone: str) -> int | None:
    """224 pixels for networks of libraries, or what timm says; our own take any."""
    library, colon, name = backbone.partition(":")
    if library != "timm":
        return PHOTO_SIDE if colon else None
    import timm

    config = timm.get_pretrained_cfg(name.partition("+")[0], allow_unregistered=True)
    return PHOTO_SIDE if config is None else int(config.input_size[-1])
