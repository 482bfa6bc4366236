"""Densely connected networks with bottlenecks and compression (DenseNet-BC) for small images."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from labeltree.backbones.convolution import convolution
from labeltree.backbones.pooling import Mean
from labeltree.backbones.protocol import Backbone
from labeltree.errors import ConfigError

GROWTH = 12
BOTTLENECK = 4
COMPRESSION = 0.5
BLOCKS = 3


def densenet(depth: str) -> Backbone:
    """Build a DenseNet-BC with growth rate k = 12: three dense blocks of equally many layers.

    ```
    conv 3×3, 24 ─ 16 layers, 216 ─ transition, 108    stage 0   32 px -> 16
                   16 layers, 300 ─ transition, 150    stage 1   16 px -> 8
                   16 layers, 342                      stage 2    8 px -> 8
    batch norm ─ ReLU ─ mean ─ 342 features                      (widths of densenet100)
    ```

    Each layer has two convolutions; with the first one, the two transitions and the classifier
    the depth is 6n + 4 for n layers in a block.

    A transition ends the stage whose maps it compresses and pools, so it is shared wherever that
    stage is. Paper 002, section 3.4, asks for this: the pooling after a stage "aggregates all the
    features that have been computed so far", hence the point to part is behind it. (In figure 2a,
    as in a ResNet, a boundary is just a change of resolution.) What precedes the last pooling, a
    batch norm and a ReLU, belongs to the pool and thus to each branch, as in `preresnet`.

    Args:
        depth: a number in digits: 100 is the published network, of 0.8 M parameters on CIFAR-100.

    Raises:
        ConfigError: not a possible depth; the message names the nearest ones.

    Source: Huang et al., "Densely connected convolutional networks", 2017, arXiv 1608.06993,
    sections 3 and 4.2: 22.27 % error with densenet100 on augmented CIFAR-100 (table 2). The paper's
    network of depth 40 has neither bottlenecks nor compression, so it is not `densenet40`.
    """
    count = _layers_in_a_block(depth)
    width = 2 * GROWTH
    layers: list[nn.Module] = [convolution(3, width)]
    stages = []
    for number in range(BLOCKS):
        for _ in range(count):
            layers.append(DenseLayer(width))
            width += GROWTH
        if number < BLOCKS - 1:
            compressed = int(COMPRESSION * width)
            layers.append(transition(width, compressed))
            width = compressed
        stages.append(nn.Sequential(*layers))
        layers = []
    pool = nn.Sequential(nn.BatchNorm2d(width), nn.ReLU(inplace=True), Mean())
    return Backbone(stages, pool, width)


class DenseLayer(nn.Module):
    """The input and, behind it, `GROWTH` new channels made from all of it.

    They come from a 1×1 convolution to 4k channels and a 3×3 convolution to k, each after batch
    norm and ReLU.
    """

    def __init__(self, inputs: int) -> None:
        super().__init__()
        narrow = BOTTLENECK * GROWTH
        self.branch = nn.Sequential(
            nn.BatchNorm2d(inputs),
            nn.ReLU(inplace=True),
            convolution(inputs, narrow, side=1),
            nn.BatchNorm2d(narrow),
            nn.ReLU(inplace=True),
            convolution(narrow, GROWTH),
        )

    def forward(self, maps: Tensor) -> Tensor:
        """Maps `(B, C + GROWTH, H, W)` of maps `(B, C, H, W)`."""
        return torch.cat([maps, self.branch(maps)], dim=1)


def transition(inputs: int, outputs: int) -> nn.Sequential:
    """Fewer channels by a 1×1 convolution, and half the side, rounded down, by averaging."""
    return nn.Sequential(
        nn.BatchNorm2d(inputs),
        nn.ReLU(inplace=True),
        convolution(inputs, outputs, side=1),
        nn.AvgPool2d(2),
    )


def _layers_in_a_block(depth: str) -> int:
    """The n of `depth == 6n + 4`."""
    layers = int(depth) if depth.isdecimal() else 0
    count, rest = divmod(layers - 4, 2 * BLOCKS)
    if count > 0 and rest == 0:
        return count
    lower = max(1, count)
    near = (f"densenet{2 * BLOCKS * n + 4}" for n in (lower, lower + 1))
    raise ConfigError(
        f"densenet{depth}: the depth must be 6n + 4 (bottlenecks and compression); "
        f"try {' or '.join(near) if layers else 'densenet100'}"
    )
