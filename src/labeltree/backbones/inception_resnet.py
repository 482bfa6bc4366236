"""Inception-ResNets, full and scaled down, without and with squeeze and excitation, for photos."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from torch import nn

from labeltree.backbones.inception_modules import (
    DOUBLING_B,
    MODULE_A,
    MODULE_B,
    MODULE_C,
    REDUCTION_A,
    REDUCTION_B,
    Branches,
    InceptionModule,
    Joined,
    Layer,
    chain,
    joined_width,
    reduction,
    scaled,
)
from labeltree.backbones.pooling import Mean
from labeltree.backbones.protocol import Backbone
from labeltree.backbones.senet import TwoLayerBlock, photo_stem
from labeltree.backbones.squeeze_excitation import Gate, SqueezeExcitation
from labeltree.errors import ConfigError


def squeezed_stem(channels: int, gate: Gate) -> nn.Sequential:
    """A 7×7 convolution to 64 channels, max pooling, an SE block to `channels`; a quarter side."""
    return nn.Sequential(*photo_stem(64), TwoLayerBlock(64, channels, 1, gate))


def inception_stem(_channels: int, _gate: Gate) -> nn.Sequential:
    """Inception-v4's, to 384 channels, without a gate; an eighth of the side.

    Source: Szegedy et al. 2017, figure 3.
    """
    short: list[Layer] = [(64, 1, 1), (96, 3, 3)]
    long: list[Layer] = [(64, 1, 1), (64, 7, 1), (64, 1, 7), (96, 3, 3)]
    return nn.Sequential(
        chain(3, [(32, 3, 3)], stride=2),
        chain(32, [(32, 3, 3), (64, 3, 3)]),
        reduction(64, (((96, 3, 3),),)),
        Joined([chain(160, short), chain(160, long)]),
        reduction(192, (((192, 3, 3),),)),
    )


@dataclass(frozen=True)
class Size:
    """What one size of network is built from.

    Attributes:
        modules: number of modules in sections A, B and C.
        stem: from the channels of section A and a gate to the layers before it.
        reductions: the branches between A and B, and between B and C, not yet scaled.
        last: layers between section C and the mean.
    """

    modules: tuple[int, int, int]
    stem: Callable[[int, Gate], nn.Sequential]
    reductions: tuple[Branches, Branches]
    last: tuple[Layer, ...]


SIZES = {
    "48": Size((2, 2, 2), squeezed_stem, (REDUCTION_A, DOUBLING_B), ()),
    "96": Size((2, 2, 2), squeezed_stem, (REDUCTION_A, DOUBLING_B), ()),
    "384": Size((4, 7, 3), inception_stem, (REDUCTION_A, REDUCTION_B), ((512, 1, 1),)),
}
MODULES = (MODULE_A, MODULE_B, MODULE_C)
STRONG_GATE: Gate = partial(SqueezeExcitation, expansion=2, reduction="32")


def inception_resnet(channels: str) -> Backbone:
    """Build an Inception-ResNet of three sections A, B and C; its modules have no gates.

    ```
                             full: 300 px      96: 300 px     48
    stem ─ modules A         384, 4 × ->  38    96, 2 × -> 75   48    stage 0
    reduction ─ modules B   1152, 7 × ->  19   288, 2 × -> 38  144    stage 1
    reduction ─ modules C   2144, 3 × ->  10   576, 2 × -> 19  288    stage 2
    mean                     512 features      576 features    288
    ```

    The widths inside the modules are the shares of Inception-ResNet-v2's that the channels are of
    384, so a quarter or an eighth (`inception_modules`). All halvings round up, unlike there, so
    images may have any side.

    How we read the paper, in sections 4.3 and 6.2:

    - Its "scaling layers" between the sections are the reductions of Inception-ResNet-v2: they give
      exactly its 384 -> 1152 -> 2144 channels. They halve the side there, and here. A quarter of
      2144 is 536; for the paper's 576 all three branches of the second one are equally wide.
    - Full, the stem outputs 384 channels of "standard convolutions (including 7×7 filter)". That is
      the stem of Inception-v4, with its 7×7 in two parts, which section 6.2.2 calls the
      "traditional inception stem". Scaled down, the stem is ResNet's (so with the batch norm that
      the text leaves out) and one SE block, the only gate of inception-resnet-48 and -96.
    - Full, average pooling "brings 2144 channels down to 512". A mean over the image keeps the
      channels; a 1×1 convolution to 512 before it does what is meant, as the 1×1 convolution to
      1536 does in the code of Inception-ResNet-v2. Scaled down, nothing is said, and there is none.

    Args:
        channels: of section A: 48, 96, or 384 for the full network.

    Raises:
        ConfigError: another number.

    Source: paper 003, sections 4.3, 6.2 and 8.1.1, figures 10 and 11; Szegedy et al. 2017.

    >>> inception_resnet("48").num_features, inception_resnet("96").num_features
    (288, 576)
    """
    return _build("inception-resnet", channels, SqueezeExcitation, lambda _: nn.Identity())


def inception_senet(channels: str) -> Backbone:
    """Build the paper's proposal: the same with a gate on every module, expansion 2, reduction 32.

    Paper 003 names the network (section 8.4) and has not trained it.

    Args:
        channels: of section A: 48, 96, or 384 for the full network.

    Raises:
        ConfigError: another number.
    """
    return _build("inception-senet", channels, STRONG_GATE, STRONG_GATE)


def _build(family: str, channels: str, stem_gate: Gate, gate: Gate) -> Backbone:
    size = SIZES.get(channels)
    if size is None:
        raise ConfigError(
            f"{family}-{channels}: expected the channels of the first section, "
            f"{', '.join(SIZES)}; for example {family}-96"
        )
    width = int(channels)
    layers: list[nn.Module] = [size.stem(width, stem_gate)]
    stages = []
    for number, (count, branches) in enumerate(zip(size.modules, MODULES, strict=True)):
        if number > 0:
            added = scaled(size.reductions[number - 1], int(channels))
            layers.append(reduction(width, added))
            width += joined_width(added)
        own = scaled(branches, int(channels))
        layers += [InceptionModule(width, own, gate) for _ in range(count)]
        stages.append(nn.Sequential(*layers))
        layers = []
    pool = nn.Sequential(chain(width, size.last), Mean())
    return Backbone(stages, pool, size.last[-1][0] if size.last else width)
