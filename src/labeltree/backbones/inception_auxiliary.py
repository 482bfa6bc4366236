"""The auxiliary head of torchvision's Inception-v3."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from labeltree.backbones.protocol import Auxiliary, Backbone

_BEFORE = "Mixed_6e"
_SIDE = 17


def with_inception_head(backbone: Backbone, head: nn.Module, num_features: int) -> Backbone:
    """The same network with its auxiliary head after the last module of 17 × 17 maps.

    Args:
        backbone: torchvision's Inception-v3, cut into stages.
        head: its `AuxLogits`.
        num_features: what the head ends in: 768, or 1,000 with its own classifier.

    Source: Szegedy et al., "Rethinking the Inception architecture for computer vision", 2016,
    arXiv 1512.00567, section 4 and figure 8.
    """
    after = next(n for n, stage in enumerate(backbone.stages, 1) if hasattr(stage, _BEFORE))
    auxiliary = Auxiliary(InceptionHead(head), after, num_features)
    return Backbone(backbone.stages, backbone.pool, backbone.num_features, auxiliary=[auxiliary])


class InceptionHead(nn.Module):
    """The library's head, for images of any side.

    The head averages windows of 5 × 5 with stride 3 and goes through a convolution of 5 × 5: it is
    made for the 17 × 17 maps of images of 299 pixels, and fails below. Smaller maps are brought to
    17 × 17 first, by bilinear interpolation: so the layers, their weights and the size of the
    windows, as a share of the image, stay the published ones, whatever the side. Larger maps go in
    as they are, as in torchvision.
    """

    def __init__(self, head: nn.Module) -> None:
        super().__init__()
        self.AuxLogits = head  # torchvision's name, by which its weights find their place

    def forward(self, maps: Tensor) -> Tensor:
        """Features of maps `(B, 768, H, W)`."""
        sides = [max(_SIDE, side) for side in maps.shape[2:]]
        if sides != list(maps.shape[2:]):
            maps = F.interpolate(maps, size=sides, mode="bilinear", align_corners=False)
        features: Tensor = self.AuxLogits(maps)
        return features
