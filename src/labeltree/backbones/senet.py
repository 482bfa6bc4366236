"""Residual networks with squeeze and excitation in every block (SENets)."""

from __future__ import annotations

import re
from functools import partial

from torch import Tensor, nn
from torch.nn import functional as F

from labeltree.backbones.convolution import convolution
from labeltree.backbones.pooling import Mean
from labeltree.backbones.protocol import Backbone
from labeltree.backbones.squeeze_excitation import REDUCTIONS, Gate, SqueezeExcitation
from labeltree.errors import ConfigError

BLOCKS = {
    18: (2, 2, 2, 2),
    34: (3, 4, 6, 3),
    50: (3, 4, 6, 3),
    101: (3, 4, 23, 3),
    152: (3, 8, 36, 3),
}
DEEPEST_TWO_LAYERS = 34  # deeper networks have blocks of three layers
_SPECIFICATION = re.compile(
    rf"(?P<depth>{'|'.join(map(str, BLOCKS))})(-w(?P<width>[1-9][0-9]*))?(-x(?P<expansion>[124]))?"
    rf"(-r(?P<reduction>{'|'.join(REDUCTIONS)}))?"
)


def senet(specification: str, small: bool = False) -> Backbone:
    """Build a residual network whose blocks weight their channels before the addition.

    ```
    conv 7×7, 64, stride 2 ─ max pool, stride 2 ─ 2 blocks of  64     stage 0   224 px -> 56
                                                  2 blocks of 128     stage 1          -> 28
                                                  2 blocks of 256     stage 2          -> 14
                                                  2 blocks of 512     stage 3          -> 7
    mean ─ 512 features                                                          (senet18)
    ```

    For small images the stem is a 3×3 convolution of stride 1 without pooling, as in `resnet18`.

    How we read the paper: section 4.2 and figure 9 list no pooling behind the 7×7 convolution, but
    the ResNet that all SENets are built from is "a standard PyTorch implementation" (section
    8.1.1), which has one, and without it each image costs four times as much. So we pool.

    Args:
        specification: depth (18, 34, 50, 101 or 152), then, each of them optional, `-w<width>`
            (channels of the first stage, 64 unless told), `-x<expansion>` and `-r<reduction>` of
            the gates (see `SqueezeExcitation`; 1 and 16 unless told), as in `18-x2-r32`.
        small: the stem for small images.

    Raises:
        ConfigError: not such a specification.

    Source: paper 003, "Scalable large scale visual recognition using multi-label image
    classification", sections 4 and 6.1, figures 7 to 9; Hu et al., "Squeeze-and-excitation
    networks", 2018, arXiv 1709.01507; He et al., "Deep residual learning", 2015, table 1.

    >>> len(senet("18-w8").stages), senet("18-w8").num_features, senet("50-w8").num_features
    (4, 64, 256)
    """
    found = _SPECIFICATION.fullmatch(specification)
    if found is None:
        raise _not_a_specification(specification, small)
    depth, width = int(found["depth"]), int(found["width"] or 64)
    gate = partial(
        SqueezeExcitation,
        expansion=int(found["expansion"] or 1),
        reduction=found["reduction"] or "16",
    )
    is_deep = depth > DEEPEST_TWO_LAYERS
    block: type[TwoLayerBlock | ThreeLayerBlock] = ThreeLayerBlock if is_deep else TwoLayerBlock
    layers: list[nn.Module] = small_stem(width) if small else photo_stem(width)
    stages = []
    inputs = width
    for number, count in enumerate(BLOCKS[depth]):
        outputs = (width << number) * block.widening
        layers.append(block(inputs, outputs, 1 if number == 0 else 2, gate))
        layers += [block(outputs, outputs, 1, gate) for _ in range(count - 1)]
        stages.append(nn.Sequential(*layers))
        layers, inputs = [], outputs
    return Backbone(stages, Mean(), inputs)


def small_stem(width: int) -> list[nn.Module]:
    """A 3×3 convolution that keeps the side."""
    return [convolution(3, width), nn.BatchNorm2d(width), nn.ReLU(inplace=True)]


def photo_stem(width: int) -> list[nn.Module]:
    """A 7×7 convolution and 3×3 max pooling, both of stride 2."""
    return [
        convolution(3, width, side=7, stride=2),
        nn.BatchNorm2d(width),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(3, stride=2, padding=1),
    ]


class SEBlock(nn.Module):
    """`relu(g(f(x)) + s(x))`: f some convolutions, g the gate, s the shortcut.

    Args:
        branch: f; its last layer is a batch norm, which starts at zero, so that the block starts
            as its shortcut.
        inputs: channels that come in.
        outputs: channels that go out.
        stride: of f.
        gate: from the number of channels to g.

    Attributes:
        widening: outputs for each channel in the middle of the branch.

    Source: paper 003, section 4.1, figures 7 and 8; the shortcut is option B of He et al. 2015, the
    zero is from Goyal et al., "Accurate, large minibatch SGD", 2017, section 5.1.
    """

    widening = 1

    def __init__(
        self, branch: nn.Sequential, inputs: int, outputs: int, stride: int, gate: Gate
    ) -> None:
        super().__init__()
        last = branch[-1]
        assert isinstance(last, nn.BatchNorm2d)
        nn.init.zeros_(last.weight)
        self.branch = branch
        self.gate = gate(outputs)
        self.shortcut = nn.Sequential()
        if stride != 1 or inputs != outputs:
            projection = convolution(inputs, outputs, side=1, stride=stride)
            self.shortcut = nn.Sequential(projection, nn.BatchNorm2d(outputs))

    def forward(self, maps: Tensor) -> Tensor:
        """Maps `(B, outputs, ⌈H / stride⌉, ⌈W / stride⌉)`."""
        return F.relu(self.gate(self.branch(maps)) + self.shortcut(maps))


class TwoLayerBlock(SEBlock):
    """Two 3×3 convolutions."""

    def __init__(self, inputs: int, outputs: int, stride: int, gate: Gate) -> None:
        branch = nn.Sequential(
            convolution(inputs, outputs, stride=stride),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
            convolution(outputs, outputs),
            nn.BatchNorm2d(outputs),
        )
        super().__init__(branch, inputs, outputs, stride, gate)


class ThreeLayerBlock(SEBlock):
    """1×1, 3×3 (with the stride) and 1×1 convolutions, the last to four times the channels."""

    widening = 4

    def __init__(self, inputs: int, outputs: int, stride: int, gate: Gate) -> None:
        narrow = outputs // self.widening
        branch = nn.Sequential(
            convolution(inputs, narrow, side=1),
            nn.BatchNorm2d(narrow),
            nn.ReLU(inplace=True),
            convolution(narrow, narrow, stride=stride),
            nn.BatchNorm2d(narrow),
            nn.ReLU(inplace=True),
            convolution(narrow, outputs, side=1),
            nn.BatchNorm2d(outputs),
        )
        super().__init__(branch, inputs, outputs, stride, gate)


def _not_a_specification(specification: str, small: bool) -> ConfigError:
    family = "small-senet" if small else "senet"
    return ConfigError(
        f"{family}{specification}: expected {family}<{'|'.join(map(str, BLOCKS))}>, then in this "
        f"order, each optional: -w<width>, -x<1|2|4> (expansion), -r<{'|'.join(REDUCTIONS)}> "
        f"(reduction); for example {family}18-w32-x2-r32"
    )
