"""Colours of a whole batch at once: changed at random while training, and normalised.

Batches are as in `labeltree.data.augment`.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def recoloured(images: Tensor, factors: Tensor) -> Tensor:
    """Change brightness, then contrast, then saturation of each image; float32, 0 ... 255.

    Args:
        images: `(B, H, W, 3)`.
        factors: one for each of the three, `(B, 3)`; 1 changes nothing.
    """
    factors = factors.to(images.device, non_blocking=True)[:, :, None, None]
    brightness, contrast, saturation = factors.unbind(1)
    batch, height, width, channels = images.shape
    # Whole planes at once, in place: 4 times faster on a CPU than colours side by side.
    planes = images.permute(0, 3, 1, 2).float().contiguous().view(batch, channels, height * width)
    planes.mul_(brightness).clamp_(0, 255)
    middle = _luma(planes).mean(2, keepdim=True)
    planes.mul_(contrast).add_(middle * (1 - contrast)).clamp_(0, 255)
    grey = _luma(planes).mul_(1 - saturation)
    planes.mul_(saturation).add_(grey).clamp_(0, 255)
    return planes.view(batch, channels, height, width).permute(0, 2, 3, 1).contiguous()


def _luma(planes: Tensor) -> Tensor:
    """Grey values by ITU-R BT.601, as in Pillow and torchvision; `(B, 1, pixels)`."""
    red, green, blue = planes.split(1, dim=1)
    return red.mul(0.299).add_(green, alpha=0.587).add_(blue, alpha=0.114)


def light_shifts(lights: Tensor, components: Sequence[Sequence[float]]) -> Tensor:
    """What to add to each image's colours: AlexNet's change of light.

    Args:
        lights: multiples of the components, `(B, 3)`, on the CPU; see `draw_lights`.
        components: of the training images, see `labeltree.data.statistics.principal_colours`.

    Returns:
        Red, green and blue in units of [0, 1], float32, `(B, 3)`.

    Source: Krizhevsky et al., "ImageNet classification with deep convolutional neural networks",
    2012, section 4.1: `[p1, p2, p3] [a1 l1, a2 l2, a3 l3]` is added to every pixel, `p` and `l`
    being eigenvectors and eigenvalues of the pixels' covariance and `a` normal with deviation 0.1.

    >>> components = [(0.2, 0.2, 0.2), (0.1, 0.0, -0.1), (0.0, 0.0, 0.0)]
    >>> light_shifts(torch.tensor([[0.5, 1.0, 0.0]]), components)
    tensor([[0.2000, 0.1000, 0.0000]])
    """
    # Not a matrix product, whose rounding may depend on how many images are multiplied.
    first, second, third = (
        lights[:, k, None] * torch.tensor([components[k]], dtype=torch.float32) for k in range(3)
    )
    return first + second + third


def normalised(
    images: Tensor,
    mean: Tensor,
    std: Tensor,
    shifts: Tensor | None = None,
    into: Tensor | None = None,
) -> Tensor:
    """From pixels to a network's input.

    Args:
        images: 0 ... 255, `(B, H, W, C)`, contiguous.
        mean: per channel in [0, 1], `(C,)`, on the same device.
        std: likewise.
        shifts: added to each image's colours, in units of [0, 1], `(B, C)`. Nothing is clipped to
            the range of pixels, nor is it in the code of Krizhevsky et al. or fb.resnet.torch:
            the input is neither bounded nor whole numbers any more.
        into: where to write the result, float32, of the images' shape; a new tensor if None.

    Returns:
        `(pixels / 255 + shifts - mean) / std`, float32, `(B, C, H, W)`, channels last in memory.
    """
    batch, height, width, channels = images.shape
    # Whole rows at once: a last dimension of 3 would keep a CPU's vector units idle.
    into = torch.empty_like(images, dtype=torch.float32) if into is None else into
    rows = into.view(batch, height, width * channels)
    rows.copy_(images.view(rows.shape))
    if shifts is None:
        zero = (255 * mean).repeat(width)
    else:
        middle = mean - shifts.to(images.device, non_blocking=True)
        zero = (255 * middle).repeat(1, width)[:, None, :]
    rows.sub_(zero).mul_((1 / (255 * std)).repeat(width))
    return rows.view(images.shape).permute(0, 3, 1, 2)
