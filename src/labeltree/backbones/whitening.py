"""A frozen first layer that decorrelates small patches of the training images."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from labeltree.backbones.protocol import FittedStem

PATCHES = 4_000_000  # enough for a 12 × 12 covariance, and a second of work
FLOOR = 5e-4


class WhiteningStem(FittedStem):
    """The eigenvectors of the patches' covariance as frozen filters, each with both signs.

    Both signs, because the ReLU that follows would lose half of each. Before `fit` the directions
    are random and orthonormal. The filters are a buffer: they travel in the state dict, and no
    optimiser or weight decay touches them.

    Source: Page, "How to train your ResNet", part 8 (3×3 patches, learned mixing); Jordan, "94 %
    on CIFAR-10 in 3.29 seconds", 2024, arXiv 2404.00498, section 3.2 (2×2, both signs).
    """

    filters: Tensor

    def __init__(self, side: int = 2, channels: int = 3) -> None:
        super().__init__()
        size = channels * side * side
        self.shape = (size, channels, side, side)
        self.width = 2 * size
        directions = nn.init.orthogonal_(torch.empty(size, size))
        self.register_buffer("filters", self._both_signs(directions))

    def forward(self, images: Tensor) -> Tensor:
        """Whitened patches `(B, width, H - side + 1, W - side + 1)` of images `(B, 3, H, W)`."""
        return F.conv2d(images, self.filters)

    @torch.no_grad()
    def fit(self, images: Tensor) -> None:
        """Set the filters from training images; each patch comes out with unit covariance.

        Directions in which the images hardly vary, such as all colour differences of grey images,
        are kept small by a floor on the variance.

        Args:
            images: `(B, 3, H, W)`, normalised.
        """
        step = -(-images[:, 0].numel() // PATCHES)
        covariance = torch.zeros(self.shape[0], self.shape[0], dtype=torch.float64)
        count = 0
        for chunk in images[::step].split(64):
            patches = F.unfold(chunk.float(), self.shape[-1]).transpose(1, 2).flatten(0, 1)
            patches = patches.double().cpu()
            covariance += patches.T @ patches
            count += len(patches)
        variances, vectors = torch.linalg.eigh(covariance / count)
        directions = vectors.T / (variances.clamp_min(0) + FLOOR).sqrt()[:, None]
        self.filters.copy_(self._both_signs(directions))

    def _both_signs(self, directions: Tensor) -> Tensor:
        filters = directions.view(self.shape)
        return torch.cat((filters, -filters))
