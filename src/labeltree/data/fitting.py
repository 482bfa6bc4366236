"""From a picture of any shape to a square of pixels: what evaluation and prediction see."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from labeltree.data.collection import Images


def fit(image: Image.Image, side: int) -> NDArray[np.uint8]:
    """Scale the shorter side to `side` and cut out the centre.

    Args:
        image: in mode RGB.
        side: in pixels.

    Returns:
        uint8, shape `(side, side, 3)`; a square image of that side is left as it is.

    >>> fit(Image.new("RGB", (40, 30), "red"), 10).shape
    (10, 10, 3)
    """
    width, height = image.size
    if (width, height) != (side, side):
        shorter = min(width, height)
        left, top = (width - shorter) / 2, (height - shorter) / 2
        centre = (left, top, left + shorter, top + shorter)
        # Pillow's filters widen with the scale: no aliasing, however large the photo.
        image = image.resize((side, side), Image.Resampling.BILINEAR, box=centre)
    return np.array(image, dtype=np.uint8)


def read_fitted(images: Images, i: int, side: int) -> NDArray[np.uint8]:
    """Image `i` as evaluation and prediction see it: decoded no larger than needed, and fitted.

    Raises:
        BadImageError: the image cannot be decoded.
    """
    return fit(images.read(i, at_least=side), side)
