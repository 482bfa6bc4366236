"""Squeeze and excitation: each channel is weighted by what the whole image says of all of them."""

from __future__ import annotations

import math
from collections.abc import Callable

from torch import Tensor, nn

from labeltree.backbones.convolution import convolution
from labeltree.backbones.pooling import Mean

Gate = Callable[[int], nn.Module]  # from the channels of maps to what weighs them

# Values between the two layers of the excitation, by the channels of the maps.
REDUCTIONS: dict[str, Callable[[int], int]] = {
    "8": lambda channels: max(1, channels // 8),
    "16": lambda channels: max(1, channels // 16),
    "32": lambda channels: max(1, channels // 32),
    "sqrt": lambda channels: round(math.sqrt(channels)),
    "log": lambda channels: max(1, round(math.log2(channels))),
}


class SqueezeExcitation(nn.Module):
    """Maps times one weight in (0, 1) for each channel, made from the means of all channels.

    ```
    maps, C ─ [1×1 to eC ─ batch norm ─ ReLU] ─ mean ─ W1 to R ─ ReLU ─ W2 to C ─ sigmoid ─ ×
         └──────────────────────────────────────────────────────────────────────────────────┘
    ```

    What stands in brackets is there for an expansion e > 1 only. W1 and W2 have biases, as in timm,
    although the formula of Hu et al. has none. They start at zero: R may be 1 or 2, and a negative
    bias can keep a value at zero for every image (after 100 steps on CIFAR-100 with
    small-senet18-w16, three seeds: 11 % of all values; with PyTorch's random biases 23 %).

    How we read the paper:

    - It names no activation behind the 1×1 convolution. Without one the mean of the expanded maps
      would be a linear function of the mean of the maps, which W1 is already: the convolution
      would add nothing. Batch norm and ReLU follow, as behind every other convolution.
    - Section 5.1.1 says that the expanded channels *can* be averaged back to C values before the
      excitation; section 6.1, the implementation, does not. We do not: an average of fixed groups
      of channels throws away what the expansion has added.
    - The gate weights the maps that came in, not the expanded ones (figure 8: "weight the original
      output from the convolution"), so the network's widths stay as they are.
    - R is counted from C, as in "a reduced dimension of √c and log c" (section 6.1); it gives no
      base, and we take 2: it reduces least, to 6 values for 64 channels and 9 for 512.

    Args:
        channels: C, in and out.
        expansion: e, how many times as many channels the means are taken of.
        reduction: a key of `REDUCTIONS`, which gives R; 16 is Hu et al.'s.

    Source: paper 003, sections 3, 5.1 and 6.1; Hu et al., "Squeeze-and-excitation networks", 2018,
    arXiv 1709.01507, section 3.

    >>> import torch
    >>> gate = SqueezeExcitation(64, expansion=2, reduction="32")
    >>> gate(torch.rand(3, 64, 8, 8)).shape, gate.excitation[0]
    (torch.Size([3, 64, 8, 8]), Linear(in_features=128, out_features=2, bias=True))
    """

    def __init__(self, channels: int, expansion: int = 1, reduction: str = "16") -> None:
        super().__init__()
        expanded = expansion * channels
        reduced = REDUCTIONS[reduction](channels)
        self.squeeze = nn.Sequential()
        if expansion > 1:
            self.squeeze.append(convolution(channels, expanded, side=1))
            self.squeeze.append(nn.BatchNorm2d(expanded))
            self.squeeze.append(nn.ReLU(inplace=True))
        self.squeeze.append(Mean())
        first, second = nn.Linear(expanded, reduced), nn.Linear(reduced, channels)
        for layer in (first, second):
            nn.init.zeros_(layer.bias)
        self.excitation = nn.Sequential(first, nn.ReLU(inplace=True), second, nn.Sigmoid())

    def forward(self, maps: Tensor) -> Tensor:
        """Maps `(B, C, H, W)` of maps of the same shape."""
        weights: Tensor = self.excitation(self.squeeze(maps))
        return maps * weights[:, :, None, None]
