"""Augmentation of one training image, from picture to picture, for the streaming loader."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from PIL import Image

from labeltree.data.augment import draw_boxes
from labeltree.data.config import AugmentConfig
from labeltree.data.fitting import Ground, fit

if TYPE_CHECKING:
    from torchvision.transforms import v2


def transforms(
    config: AugmentConfig,
    own_side: int,
    side: int,
    turn: bool,
    colour: tuple[int, ...] | None,
    ground: Ground = None,
) -> v2.Transform:
    """The steps for one training image; their choices come from torch's global generator.

    Args:
        config: what is asked for.
        own_side: side of the images, in which padding counts.
        side: of the result.
        turn: where the flip alternates, whether it is this image's turn.
        colour: of the padding, see `augment.padding_colour`; reflected pixels if None.
        ground: of pictures that are padded to a square; boxes are cut out of the picture itself.
    """
    from torchvision.transforms import v2  # a third of the time that starting takes; most never ask

    steps: list[v2.Transform] = []
    if config.random_resized_crop:
        least_area = config.random_resized_crop
        steps.append(v2.Lambda(lambda image: _resized_crop(image, least_area, side)))
    elif config.crop_padding:
        # Padding counts in pixels of the full size, so `side` comes last.
        steps.append(v2.Lambda(lambda image: Image.fromarray(fit(image, own_side, ground))))
        mode = "reflect" if colour is None else "constant"
        fill = colour or 0
        steps.append(v2.RandomCrop(own_side, config.crop_padding, fill=fill, padding_mode=mode))
        steps.append(v2.Resize((side, side)))
    else:
        steps.append(v2.Lambda(lambda image: Image.fromarray(fit(image, side, ground))))
    if config.flip != "none":
        chance = 0.5 if config.flip == "random" else float(turn)
        steps.append(v2.RandomHorizontalFlip(chance))
    if config.colour_jitter:
        strength = config.colour_jitter
        steps.append(v2.ColorJitter(strength, strength, strength))
    return v2.Compose(steps)


def _resized_crop(image: Image.Image, least_area: float, side: int) -> Image.Image:
    """A crop anywhere in the image, as `augment.draw_boxes` draws it, scaled to a square."""
    shorter = min(image.size)
    width, height = image.width / shorter, image.height / shorter
    boxes = draw_boxes(least_area, 1, torch.default_generator, height, width)
    top, left, tall, wide = (boxes[0] * shorter).tolist()
    # Rounding must not carry the corner out of the image, which Pillow refuses.
    right, bottom = min(left + wide, image.width), min(top + tall, image.height)
    return image.resize((side, side), Image.Resampling.BILINEAR, box=(left, top, right, bottom))
