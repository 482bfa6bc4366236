"""The slim network with squeeze and excitation in its residual blocks: a SENet for CPUs."""

from __future__ import annotations

import re
from functools import partial

from labeltree.backbones.protocol import Backbone
from labeltree.backbones.slim import slim_network
from labeltree.backbones.squeeze_excitation import REDUCTIONS, SqueezeExcitation
from labeltree.errors import ConfigError

_SPECIFICATION = re.compile(
    rf"(?P<width>[0-9]+)(-x(?P<expansion>[124]))?(-r(?P<reduction>{'|'.join(REDUCTIONS)}))?"
)


def slim_senet(specification: str) -> Backbone:
    """Build `slim` with gates: what paper 003 does to ResNet-18, done to a network for CPUs.

    As in figure 8, the gate weighs what a block adds, before the addition; so `slim-w<width>` is
    to this network what a ResNet is to a SENet.

    Args:
        specification: width of the last stage (see `slim_network`), then, both optional,
            `-x<expansion>` and `-r<reduction>` of the gates (see `SqueezeExcitation`; 1 and 16
            unless told), as in `64-x2-r32`.

    Raises:
        ConfigError: not such a specification.

    Source: ours, after paper 003, sections 4.1 and 6.1.
    """
    found = _SPECIFICATION.fullmatch(specification)
    if found is None:
        raise ConfigError(
            f"slim-senet-w{specification}: expected slim-senet-w<width>, then -x<1|2|4> and "
            f"-r<{'|'.join(REDUCTIONS)}> if wanted, such as slim-senet-w64-x2-r32"
        )
    gate = partial(
        SqueezeExcitation,
        expansion=int(found["expansion"] or 1),
        reduction=found["reduction"] or "16",
    )
    return slim_network(found["width"], gate)
