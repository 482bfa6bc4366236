"""From feature maps to one vector for each image."""

from __future__ import annotations

from torch import Tensor, nn


class Mean(nn.Module):
    """The mean of each channel (global average pooling)."""

    def forward(self, maps: Tensor) -> Tensor:
        """Features `(B, C)` of maps `(B, C, H, W)`."""
        return maps.mean((2, 3))


class MaxPlusMean(nn.Module):
    """The maximum plus the mean of each channel."""

    def forward(self, maps: Tensor) -> Tensor:
        """Features `(B, C)` of maps `(B, C, H, W)`."""
        return maps.amax((2, 3)) + maps.mean((2, 3))
