"""Augmentation of a whole batch at once, each image by its own random choices: places and shapes.

What is done to colours is in `labeltree.data.colours`.

Batches are uint8 (or, after interpolation on a GPU, float32) tensors of shape `(B, H, W, 3)` with
values 0 ... 255. Choices are drawn on the CPU for the batch of all processes and then cut, so that
an image meets the same fate in one process as in many, and on a GPU as on the CPU.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from labeltree.data.config import AugmentConfig

_ASPECT = 4 / 3


@dataclass(frozen=True)
class Choices:
    """What was drawn for each image of a batch, on the CPU; None is not asked for.

    Attributes:
        shifts: top and left of the crop in the padded image, int64, `(B, 2)`.
        flips: which images are mirrored, bool, `(B,)`.
        boxes: top, left, height, width of the crop as shares of the image, float32, `(B, 4)`.
        colours: factors of brightness, contrast and saturation, float32, `(B, 3)`.
        lights: multiples of the principal components of colour, float32, `(B, 3)`.
    """

    shifts: Tensor | None = None
    flips: Tensor | None = None
    boxes: Tensor | None = None
    colours: Tensor | None = None
    lights: Tensor | None = None

    def part(self, part: slice) -> Choices:
        """The choices for some of the images."""
        drawn = (self.shifts, self.flips, self.boxes, self.colours, self.lights)
        return Choices(*(None if choice is None else choice[part] for choice in drawn))


def draw(
    config: AugmentConfig, count: int, random: torch.Generator, alternating: Tensor | None = None
) -> Choices:
    """Draw the choices for `count` images.

    Args:
        config: what is asked for.
        count: number of images.
        random: a generator on the CPU.
        alternating: where the flip alternates, whether it is each image's turn; bool, `(count,)`.
    """
    shifts = flips = boxes = colours = lights = None
    if config.crop_padding:
        shifts = torch.randint(0, 2 * config.crop_padding + 1, (count, 2), generator=random)
    if config.flip == "random":
        flips = torch.rand(count, generator=random) < 0.5
    elif config.flip == "alternating":
        flips = alternating
    if config.random_resized_crop:
        boxes = draw_boxes(config.random_resized_crop, count, random)
    if config.colour_jitter:
        spread = 2 * torch.rand(count, 3, generator=random) - 1
        colours = (1 + config.colour_jitter * spread).clamp_min(0)
    if config.pca_colour:
        lights = draw_lights(config.pca_colour, count, random)
    return Choices(shifts, flips, boxes, colours, lights)


def draw_boxes(
    least_area: float,
    count: int,
    random: torch.Generator,
    height: float = 1.0,
    width: float = 1.0,
) -> Tensor:
    """Draw crops of random size, shape and place.

    The area is a share of the largest square in the image, uniform from `least_area` to 1; the
    aspect, width to height, is between 3/4 and 4/3, uniform in its logarithm; the place is uniform
    over the whole image. (The loader in memory keeps the central squares of photos, and places
    crops in those.) A side that would be longer than the image's is cut to it, where Inception's
    code draws again; in a square that happens only to areas above 3/4.

    Args:
        least_area: as a share.
        count: number of crops.
        random: a generator on the CPU.
        height: of the image, in units of its shorter side.
        width: likewise.

    Returns:
        Top, left, height and width in the same units, float32, `(count, 4)`.

    Source: paper 000, section 2.1: "the size of the cropped square is chosen randomly to be
    between 8% and 100% of the size of the maximum square in the image", size being area as in
    Szegedy et al., "Going deeper with convolutions", 2015, section 6, which it follows. There the
    share is one of the whole image; the two differ where a photo is not square: of one of 4:3,
    the largest crop here is three quarters.
    """
    area, aspect, top, left = torch.rand(4, count, generator=random)
    area = least_area + (1 - least_area) * area
    aspect = torch.exp((2 * aspect - 1) * math.log(_ASPECT))
    tall = (area / aspect).sqrt().clamp_max(height)
    wide = (area * aspect).sqrt().clamp_max(width)
    return torch.stack([top * (height - tall), left * (width - wide), tall, wide], dim=1)


def draw_lights(std: float, count: int, random: torch.Generator) -> Tensor:
    """Draw three normal numbers for each image, of this deviation; float32, `(count, 3)`."""
    return std * torch.randn(count, 3, generator=random)


def reflect_pad(images: Tensor, padding: int) -> Tensor:
    """Mirror `padding` pixels outwards on every side, the edge itself not repeated; a copy."""
    n, height, width, channels = images.shape
    p = padding
    padded = images.new_empty((n, height + 2 * p, width + 2 * p, channels))
    padded[:, p : p + height, p : p + width] = images
    if p:
        for part in (padded[:, :, p : p + width], padded.transpose(1, 2)):
            part[:, :p] = part[:, p + 1 : 2 * p + 1].flip(1)
            part[:, -p:] = part[:, -2 * p - 1 : -p - 1].flip(1)
    return padded


def colour_pad(images: Tensor, padding: int, colour: Sequence[int]) -> Tensor:
    """Put `padding` pixels of one colour, 0 ... 255 for each channel, on every side; a copy."""
    n, height, width, channels = images.shape
    p = padding
    padded = images.new_empty((n, height + 2 * p, width + 2 * p, channels))
    padded[:] = padded.new_tensor(colour)
    padded[:, p : p + height, p : p + width] = images
    return padded


def padding_colour(config: AugmentConfig, mean: Sequence[float]) -> tuple[int, ...] | None:
    """The colour of the pixels around a padded image; None where the image is mirrored outwards.

    Zero padding means zero for the network: the papers' code (fb.resnet.torch, on which that of
    Huang et al. 2017 is built, and the released code of He et al. 2016) normalises first and pads
    then, so an image's surroundings have the mean colour. Black instead would be 1.6 to 1.9
    standard deviations below it on CIFAR-100. Our images are padded as pixels, before they are
    normalised, so the mean is rounded to whole grey levels: less than 0.01 standard deviations.

    Args:
        config: says what to pad with.
        mean: of the training images, per channel in [0, 1].

    >>> padding_colour(AugmentConfig(padding="zeros"), (0.507, 0.487, 0.441))
    (129, 124, 112)
    """
    if config.padding == "reflect":
        return None
    return tuple(round(255 * value) for value in mean)


def shifted_crops(padded: Tensor, positions: Tensor, shifts: Tensor, side: int) -> Tensor:
    """Cut one square out of each chosen image, each at its own place.

    A strided view holds every window of every image without a copy; indexing it copies whole rows
    of the chosen windows, which is faster than gathering pixels.

    Args:
        padded: all images of the set, contiguous, `(n, H, W, C)`.
        positions: which images, int64, `(B,)`.
        shifts: top and left corner for each, int64, `(B, 2)`.
        side: of the squares.

    Returns:
        Shape `(B, side, side, C)`.
    """
    n, height, width, channels = padded.shape
    of_image, of_row, of_column, _ = padded.stride()
    windows = padded.as_strided(
        (n, height - side + 1, width - side + 1, side, side * channels),
        (of_image, of_row, of_column, of_row, 1),
    )
    top, left = shifts.unbind(1)
    if padded.device.type == "cpu":
        # On the CPU numpy copies whole rows where torch goes byte by byte: 3 times faster.
        crops = torch.from_numpy(windows.numpy()[positions.numpy(), top.numpy(), left.numpy()])
    else:
        crops = windows[positions, top, left]
    return crops.view(len(positions), side, side, channels)


def mirrored(images: Tensor, flips: Tensor) -> Tensor:
    """`images` with those where `flips` holds mirrored left to right; overwrites `images`."""
    which = flips.nonzero()[:, 0].to(images.device, non_blocking=True)
    return images.index_copy_(0, which, images.index_select(0, which).flip(2))


def resized_crops(images: Tensor, boxes: Tensor, side: int) -> Tensor:
    """Scale a box of each image to a square, bilinearly with antialiasing; `(B, side, side, C)`.

    Args:
        images: `(B, H, W, C)`.
        boxes: as in `Choices`; their borders are moved to the nearest pixels.
        side: of the result.
    """
    height, width = images.shape[1:3]
    sides = torch.tensor([height, width, height, width])
    corners = torch.cat([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], dim=1)
    corners = (corners * sides).round().long()
    corners[:, 2:] = torch.maximum(corners[:, 2:], corners[:, :2] + 1).minimum(sides[2:])
    corners[:, :2] = torch.minimum(corners[:, :2], corners[:, 2:] - 1)
    if images.device.type == "cpu":
        # 10 times faster than sampling a grid: the kernel for uint8 does a row at a time.
        crops = images.new_empty((len(images), side, side, images.shape[3]))
        for crop, image, (top, left, bottom, right) in zip(
            crops, images, corners.tolist(), strict=True
        ):
            crop.copy_(resized(image[None, top:bottom, left:right], side)[0])
        return crops
    # No box is larger than the images, so at their own side none is undersampled.
    grid = _grid((corners / sides).to(images.device, non_blocking=True), max(height, width, side))
    planes = images.permute(0, 3, 1, 2).float()
    crops = F.grid_sample(planes, grid, padding_mode="border", align_corners=False)
    return resized(crops.permute(0, 2, 3, 1), side)


def _grid(corners: Tensor, side: int) -> Tensor:
    """Where `grid_sample` shall look: the centres of `side` × `side` pixels of each box.

    Args:
        corners: top, left, bottom, right as shares of the image, `(B, 4)`.
        side: pixels along each side.

    Returns:
        Shape `(B, side, side, 2)`: column and row of each, from -1 to 1.
    """
    top, left, bottom, right = corners[:, :, None].unbind(1)
    steps = (torch.arange(side, device=corners.device) + 0.5) / side
    rows = 2 * torch.lerp(top, bottom, steps) - 1
    columns = 2 * torch.lerp(left, right, steps) - 1
    across = columns[:, None, :].expand(-1, side, -1)
    return torch.stack([across, rows[:, :, None].expand(-1, -1, side)], dim=3)


def resized(images: Tensor, side: int) -> Tensor:
    """Scale a batch to squares, bilinearly with antialiasing; `(B, side, side, C)`."""
    if images.shape[1] == images.shape[2] == side:
        return images
    planes = images.permute(0, 3, 1, 2)
    if images.device.type != "cpu":  # only the CPU has, and is faster with, a kernel for uint8
        planes = planes.float()
    planes = F.interpolate(planes, size=(side, side), mode="bilinear", antialias=True)
    return planes.permute(0, 2, 3, 1).contiguous()
