"""ResNet-18 and ResNet-34 for small images: a 3×3 stem without pooling, widths 64 to 512."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional as F

from labeltree.backbones.convolution import convolution
from labeltree.backbones.pooling import Mean
from labeltree.backbones.protocol import Backbone
from labeltree.errors import ConfigError

WIDTHS = (64, 128, 256, 512)
RESNET18 = (2, 2, 2, 2)
RESNET34 = (3, 4, 6, 3)


def resnet(blocks: Sequence[int], width: str = str(WIDTHS[0])) -> Backbone:
    """Build a residual network of basic blocks, four stages; stages 1 to 3 halve the side.

    With 100 classes ResNet-18 has 11.22 M parameters and ResNet-34 21.33 M.

    Args:
        blocks: number of blocks of each stage; `RESNET18` or `RESNET34`.
        width: channels of the first stage; every later stage has twice as many.

    Raises:
        ConfigError: no such width.

    Source: He et al., "Deep residual learning", 2015, table 1, with the CIFAR stem of section 4.2
    in place of the 7×7 convolution and pooling.
    """
    if not width.isdecimal() or int(width) < 1:
        raise ConfigError(
            f"width {width!r}: expected a whole number from 1 up, the channels of the first stage"
        )
    stages = []
    inputs = int(width)
    for number, count in enumerate(blocks):
        outputs = int(width) << number
        layers: list[nn.Module] = []
        if number == 0:
            layers += [convolution(3, inputs), nn.BatchNorm2d(inputs), nn.ReLU(inplace=True)]
        layers.append(BasicBlock(inputs, outputs, stride=1 if number == 0 else 2))
        layers += [BasicBlock(outputs, outputs) for _ in range(count - 1)]
        stages.append(nn.Sequential(*layers))
        inputs = outputs
    return Backbone(stages, Mean(), inputs)


class BasicBlock(nn.Module):
    """Two 3×3 convolutions and a shortcut, projected by 1×1 where the shape changes.

    Args:
        inputs: channels that come in.
        outputs: channels that go out.
        stride: of the first convolution.
        zero: start the last batch norm at zero, so that the block starts as its shortcut.

    Source: He et al. 2015, section 3.3 (option B); Goyal et al., "Accurate, large minibatch SGD",
    2017, section 5.1 (zero).
    """

    def __init__(self, inputs: int, outputs: int, stride: int = 1, zero: bool = True) -> None:
        super().__init__()
        last = nn.BatchNorm2d(outputs)
        if zero:
            nn.init.zeros_(last.weight)
        self.branch = nn.Sequential(
            convolution(inputs, outputs, stride=stride),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
            convolution(outputs, outputs),
            last,
        )
        self.shortcut = nn.Sequential()
        if stride != 1 or inputs != outputs:
            projection = convolution(inputs, outputs, side=1, stride=stride)
            self.shortcut = nn.Sequential(projection, nn.BatchNorm2d(outputs))

    def forward(self, maps: Tensor) -> Tensor:
        """Maps `(B, outputs, ⌈H / stride⌉, ⌈W / stride⌉)`."""
        return F.relu(self.branch(maps) + self.shortcut(maps))
