"""From a picture of any shape to a square of pixels: what evaluation and prediction see.

Its middle is cut out, as is usual, or all of it is kept and padded, as in paper 003. The thesis
pads only images of 250 to 300 pixels (and leaves smaller ones out), scales larger ones down, and
does not say with what it pads. Here every picture is scaled until its longer side fits, so that
how large a thing is shown does not depend on the size of its file. The rest has the mean colour of
the training images: zero for the network after normalisation, as the papers pad (see
`labeltree.data.augment.padding_colour`), where black would be an edge that no photo has.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from labeltree.data.config import DataConfig
from labeltree.data.images import Images

Ground = tuple[int, ...] | None
"""The colour (0 ... 255 for each channel) that a padded picture lies on; None: it is cut."""


def ground_of(config: DataConfig, mean: Sequence[float]) -> Ground:
    """What pictures lie on.

    Args:
        config: says whether they are padded.
        mean: of the training images, per channel in [0, 1].

    >>> ground_of(DataConfig(fit="pad"), (0.507, 0.487, 0.441))
    (129, 124, 112)
    """
    return tuple(round(255 * value) for value in mean) if config.fit == "pad" else None


def fit(image: Image.Image, side: int, ground: Ground = None) -> NDArray[np.uint8]:
    """Scale the shorter side to `side` and cut out the centre, or the longer side and pad.

    Args:
        image: in mode RGB.
        side: in pixels.
        ground: see `Ground`.

    Returns:
        uint8, shape `(side, side, 3)`; a square image of that side is left as it is.

    >>> photo = Image.new("RGB", (40, 30), "red")
    >>> fit(photo, 10).shape
    (10, 10, 3)
    >>> fit(photo, 8, (0, 0, 255))[:, 0].tolist()[:2]  # 8 x 6 pixels, one row of the ground above
    [[0, 0, 255], [255, 0, 0]]
    """
    width, height = image.size
    if (width, height) != (side, side):
        image = _middle(image, side) if ground is None else _whole(image, side, ground)
    return np.array(image, dtype=np.uint8)


def _middle(image: Image.Image, side: int) -> Image.Image:
    width, height = image.size
    shorter = min(width, height)
    left, top = (width - shorter) / 2, (height - shorter) / 2
    centre = (left, top, left + shorter, top + shorter)
    # Pillow's filters widen with the scale: no aliasing, however large the photo.
    return image.resize((side, side), Image.Resampling.BILINEAR, box=centre)


def _whole(image: Image.Image, side: int, ground: tuple[int, ...]) -> Image.Image:
    longer = max(image.size)
    width, height = (max(1, round(length * side / longer)) for length in image.size)
    square = Image.new("RGB", (side, side), ground)
    scaled = image.resize((width, height), Image.Resampling.BILINEAR)
    square.paste(scaled, ((side - width) // 2, (side - height) // 2))
    return square


def read_fitted(images: Images, i: int, side: int, ground: Ground = None) -> NDArray[np.uint8]:
    """Image `i` as evaluation and prediction see it: decoded no larger than needed, and fitted.

    Raises:
        BadImageError: the image cannot be decoded.
    """
    return fit(images.read(i, at_least=side), side, ground)
