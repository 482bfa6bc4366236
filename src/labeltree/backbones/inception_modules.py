"""What Inception-ResNets are made of: parallel branches, added to a shortcut or halving the side.

The tables hold the widths of the full network, whose first section has 384 channels; `scaled`
takes the same share of each for a smaller one.

Source: Szegedy et al., "Inception-v4, Inception-ResNet and the impact of residual connections on
learning", 2017, arXiv 1602.07261, Inception-ResNet-v2: figures 16, 17 and 19 (the modules), 7 with
table 1, and 18 (the reductions); paper 003, figure 10.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from labeltree.backbones.convolution import convolution
from labeltree.backbones.squeeze_excitation import Gate

Layer = tuple[int, int, int]  # channels that go out, height and width of the filters
Branches = tuple[tuple[Layer, ...], ...]

FULL = 384
MODULE_A: Branches = (
    ((32, 1, 1),),
    ((32, 1, 1), (32, 3, 3)),
    ((32, 1, 1), (48, 3, 3), (64, 3, 3)),
)
MODULE_B: Branches = (
    ((192, 1, 1),),
    ((128, 1, 1), (160, 1, 7), (192, 7, 1)),
)
MODULE_C: Branches = (
    ((192, 1, 1),),
    ((192, 1, 1), (224, 1, 3), (256, 3, 1)),
)
REDUCTION_A: Branches = (  # 384 + 384 + 384 = 1152
    ((384, 3, 3),),
    ((256, 1, 1), (256, 3, 3), (384, 3, 3)),
)
REDUCTION_B: Branches = (  # 1152 + 384 + 288 + 320 = 2144
    ((256, 1, 1), (384, 3, 3)),
    ((256, 1, 1), (288, 3, 3)),
    ((256, 1, 1), (288, 3, 3), (320, 3, 3)),
)
DOUBLING_B: Branches = (  # 1152 + 384 + 384 + 384 = 2304; a quarter of it is 576
    ((256, 1, 1), (384, 3, 3)),
    ((256, 1, 1), (384, 3, 3)),
    ((256, 1, 1), (288, 3, 3), (384, 3, 3)),
)


def scaled(branches: Branches, channels: int) -> Branches:
    """The same branches for a network whose first section has so many channels.

    >>> scaled(MODULE_A, 48)
    (((4, 1, 1),), ((4, 1, 1), (4, 3, 3)), ((4, 1, 1), (6, 3, 3), (8, 3, 3)))
    """
    return tuple(
        tuple((width * channels // FULL, rows, columns) for width, rows, columns in branch)
        for branch in branches
    )


def joined_width(branches: Branches) -> int:
    """Channels of all branches together.

    >>> joined_width(MODULE_C)
    448
    """
    return sum(branch[-1][0] for branch in branches)


def chain(inputs: int, branch: Iterable[Layer], stride: int = 1) -> nn.Sequential:
    """Convolutions one after the other, each with batch norm and ReLU; the last has the stride."""
    layers = list(branch)
    steps = nn.Sequential()
    for number, (outputs, rows, columns) in enumerate(layers, start=1):
        conv = nn.Conv2d(
            inputs,
            outputs,
            (rows, columns),
            stride if number == len(layers) else 1,
            padding=(rows // 2, columns // 2),
            bias=False,
        )
        nn.init.kaiming_normal_(conv.weight, mode="fan_out", nonlinearity="relu")
        steps.extend((conv, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)))
        inputs = outputs
    return steps


class Joined(nn.ModuleList):
    """The outputs of several branches, one behind the other."""

    def forward(self, maps: Tensor) -> Tensor:
        """Maps `(B, C', H', W')`, C' being the sum over the branches."""
        return torch.cat([branch(maps) for branch in self], dim=1)


class InceptionModule(nn.Module):
    """`relu(x + g(f(x)))`: f the branches, joined and brought back to the width of x; g the gate.

    Szegedy et al. multiply f by 0.1 to 0.3, because networks of more than 1000 channels failed to
    train without. Here, as in the other residual networks of this package, the last batch norm of
    f starts at zero: f begins smaller still, and its size is learned.

    Args:
        width: channels of x.
        branches: those of f, already scaled.
        gate: from the number of channels to g.
    """

    def __init__(self, width: int, branches: Branches, gate: Gate) -> None:
        super().__init__()
        last = nn.BatchNorm2d(width)
        nn.init.zeros_(last.weight)
        self.branch = nn.Sequential(
            Joined(chain(width, branch) for branch in branches),
            convolution(joined_width(branches), width, side=1),
            last,
        )
        self.gate = gate(width)

    def forward(self, maps: Tensor) -> Tensor:
        """Maps of the same shape."""
        return F.relu(maps + self.gate(self.branch(maps)))


def reduction(inputs: int, branches: Branches) -> Joined:
    """Half the side, rounded up: the 3×3 maximum of what comes in, and behind it the branches."""
    return Joined(
        [
            nn.MaxPool2d(3, stride=2, padding=1),
            *(chain(inputs, branch, stride=2) for branch in branches),
        ]
    )
