"""The slim 9-layer residual network: 0.48 M parameters, 42 MFLOP at 32 px, made for CPUs."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from labeltree.backbones.protocol import Backbone, FittedStem

WIDTHS = (32, 64, 128)

# CIFAR-100 at 20 px, 4 epochs of SGD with peak 0.3, one seed each: scale 0.25 48.0 %, 0.5 49.2 %,
# 1 48.1 %; maximum and mean side by side instead of summed, with scale 0.5, 47.7 %.
LOGIT_SCALE = 0.5


def slim() -> Backbone:
    """Build the slim network: whitening, seven 3×3 convolutions, and the classifier to come.

    ```
    whiten 2×2, 24, frozen ─ ReLU ─ conv 32 ─ pool          stage 0:  32 px -> 31 -> 15
                                    conv 64 ─ pool ─ block  stage 1:  15 px -> 7
                                    conv 128 ─ pool ─ block stage 2:   7 px -> 3
    max + mean over the map ─ 128 features
    ```

    Every convolution is followed by batch norm and ReLU, after the pooling where there is one: they
    then cost a quarter. Images of any side from 9 px up.

    Source: Page, "How to train your ResNet" (the shape: ResNet-9 with blocks on two stages);
    Jordan, "94 % on CIFAR-10 in 3.29 seconds", 2024, arXiv 2404.00498 (the stem). 65.2 % fine
    top-1 on CIFAR-100 after 17.8 epochs has been measured with such a network.
    """
    first, second, third = WIDTHS
    stem = WhiteningStem()
    stages = (
        nn.Sequential(stem, nn.ReLU(inplace=True), ConvPool(stem.width, first)),
        nn.Sequential(ConvPool(first, second), ResidualBlock(second)),
        nn.Sequential(ConvPool(second, third), ResidualBlock(third)),
    )
    return Backbone(stages, MaxPlusMean(), third, LOGIT_SCALE)


class WhiteningStem(FittedStem):
    """Frozen filters that decorrelate 2×2 patches: the patch covariance's eigenvectors, both signs.

    Both signs, because the ReLU that follows would lose half of each. Before `fit` the directions
    are random and orthonormal. The filters are a buffer: they travel in the state dict, and no
    optimiser or weight decay can touch them.

    Source: Page, "How to train your ResNet", part 8 (3×3 patches); Jordan 2024, section 3.2 (2×2).
    """

    def __init__(self, side: int = 2, channels: int = 3) -> None:
        super().__init__()
        size = channels * side * side
        self.shape = (size, channels, side, side)
        self.width = 2 * size
        directions = nn.init.orthogonal_(torch.empty(size, size))
        self.filters: Tensor
        self.register_buffer("filters", self._both_signs(directions))

    def forward(self, images: Tensor) -> Tensor:
        """Whitened patches `(B, 24, H - 1, W - 1)` of images `(B, 3, H, W)`."""
        return F.conv2d(images, self.filters)

    @torch.no_grad()
    def fit(self, images: Tensor, floor: float = 5e-4) -> None:
        """Set the filters from training images.

        Args:
            images: `(B, 3, H, W)`, normalised; a few thousand are enough.
            floor: added to each eigenvalue, so that directions in which the images do not vary
                (all colour directions of grey images) are not blown up.
        """
        patches = F.unfold(images.float(), self.shape[-1]).transpose(1, 2).flatten(0, 1).double()
        values, vectors = torch.linalg.eigh(patches.T @ patches / len(patches))
        directions = vectors.T / (values.clamp_min(0) + floor).sqrt()[:, None]
        self.filters.copy_(self._both_signs(directions))

    def _both_signs(self, directions: Tensor) -> Tensor:
        filters = directions.view(self.shape)
        return torch.cat((filters, -filters))


class ConvPool(nn.Sequential):
    """3×3 convolution, 2×2 max pooling, batch norm, ReLU: the side is halved, rounded down."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(
            conv3x3(inputs, outputs),
            nn.MaxPool2d(2),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
        )


class ResidualBlock(nn.Module):
    """`x + f(x)`, f two 3×3 convolutions, each with batch norm and ReLU."""

    def __init__(self, width: int) -> None:
        super().__init__()
        layers = (
            (conv3x3(width, width), nn.BatchNorm2d(width), nn.ReLU(inplace=True)) for _ in "ab"
        )
        self.branch = nn.Sequential(*(layer for group in layers for layer in group))

    def forward(self, maps: Tensor) -> Tensor:
        """Feature maps of the same shape."""
        return maps + self.branch(maps)


class MaxPlusMean(nn.Module):
    """The sum of a map's maximum and its mean, for each channel."""

    def forward(self, maps: Tensor) -> Tensor:
        """Features `(B, C)` of maps `(B, C, H, W)`."""
        return maps.amax((2, 3)) + maps.mean((2, 3))


def conv3x3(inputs: int, outputs: int) -> nn.Conv2d:
    """A 3×3 convolution with padding and no bias, He-initialised (He et al. 2015, eq. 10)."""
    conv = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
    nn.init.kaiming_normal_(conv.weight, nonlinearity="relu")
    return conv
