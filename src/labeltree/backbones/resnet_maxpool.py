"""The network of paper 000: ResNet-34 with max pooling between its stages, for photos."""

from __future__ import annotations

from torch import nn

from labeltree.backbones.convolution import convolution
from labeltree.backbones.pooling import Mean
from labeltree.backbones.protocol import Backbone
from labeltree.backbones.resnet import RESNET34, WIDTHS, BasicBlock


def resnet34_maxpool() -> Backbone:
    """Build the network of table 1: 34 weighted layers, four stages, each after a 3×3 max pooling.

    ```
    conv 7×7, 64, stride 2              224 px -> 112
    max pool ─ 3 blocks of  64          stage 0   -> 56      (stage 0 begins with the 7×7)
    max pool ─ 4 blocks of 128          stage 1   -> 28
    max pool ─ 6 blocks of 256          stage 2   -> 14
    max pool ─ 3 blocks of 512          stage 3   -> 7
    mean ─ 512 features
    ```

    A block is two 3×3 convolutions, all of stride 1, with batch norm and ReLU and a shortcut that
    is projected by 1×1 where the width changes. So it has the weights of He et al.'s ResNet-34,
    number by number (21,797,672 with 1,000 classes), and differs in how the side is halved: there
    the first convolution of a stage has stride 2. The pooling belongs to the stage that follows
    it: what is shared with a stage ends at its resolution. Each halving rounds up, so images may
    have any side from 1 px up, although below 33 px the last stage is left with a single pixel.

    How we read the paper:

    - Table 1 gives 50 × 50 for the first stage where the side before it is 112 and the side after
      it 28: 56 × 56, a slip of the paper or of its scan. The poolings have a padding of 1, which
      gives all the other sides; without padding they would be 55, 27, 13 and 6.
    - The table names neither shortcuts nor batch norm; the text calls it a "residual network" of
      34 layers. Shortcuts and norms are those of He et al. 2015, option B, as in `resnet34`.
    - "The method in [He et al., 2015] was used to initialize": normal weights with variance
      `2 / fan_out`, as in that method's eq. 14, which He et al. call as good as eq. 10
      (`fan_in`); it is what the residual networks' code does. All batch norms start at one: to
      start the last of each block at zero (`resnet34` does) is a later idea that the paper does
      not name.

    Source: paper 000, "Learning multiple categories on deep convolution networks", section 2.1 and
    table 1; He et al., "Deep residual learning", 2015, section 3.3.
    """
    width = WIDTHS[0]
    layers: list[nn.Module] = [
        convolution(3, width, side=7, stride=2),
        nn.BatchNorm2d(width),
        nn.ReLU(inplace=True),
    ]
    stages = []
    for count, outputs in zip(RESNET34, WIDTHS, strict=True):
        layers.append(nn.MaxPool2d(3, stride=2, padding=1))
        layers.append(BasicBlock(width, outputs, zero=False))
        layers += [BasicBlock(outputs, outputs, zero=False) for _ in range(count - 1)]
        stages.append(nn.Sequential(*layers))
        layers = []
        width = outputs
    return Backbone(stages, Mean(), width)
