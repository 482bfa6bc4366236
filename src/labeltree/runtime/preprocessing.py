"""From a picture to what a trained network looks at."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydantic import Field, PositiveFloat, PositiveInt

from labeltree.configuration import Config
from labeltree.data.config import Crops, DataConfig, Fit
from labeltree.data.fitting import Ground, fit, ground_of
from labeltree.data.views import CROPS, count, look

_Share = Annotated[float, Field(ge=0, le=1)]


class Preprocessing(Config):
    """How an image becomes the network's input: RGB in [0, 1], resized, cut square, normalised.

    Attributes:
        image_size: side in pixels.
        mean: per channel, of values in [0, 1].
        std: likewise.
        crops: the views whose probabilities are averaged, those that the decoder was fitted with.
        mirror: whether a mirrored image still shows its class.
        fit: whether a picture is cut to a square or padded to one.
    """

    image_size: PositiveInt
    mean: tuple[_Share, _Share, _Share]
    std: tuple[PositiveFloat, PositiveFloat, PositiveFloat]
    crops: Crops = "one"
    mirror: bool = True
    fit: Fit = "crop"

    @property
    def ground(self) -> Ground:
        """What padded pictures lie on; None where they are cut."""
        return _ground(self.fit, self.mean)

    @property
    def num_views(self) -> int:
        """Views of each image, the same number for all."""
        return count(self.crops)

    @property
    def at_least(self) -> int:
        """The side that must be left of an image that is decoded at a part of its size."""
        return _at_least(self.crops, self.image_size)

    def views(self, image: Image.Image) -> NDArray[np.uint8]:
        """The squares that the network sees of a picture.

        Args:
            image: in mode RGB, see `labeltree.data.decoding.decode`.

        Returns:
            0 ... 255, not yet normalised, shape `(num_views, image_size, image_size, 3)`.

        >>> shape = Preprocessing(image_size=14, mean=(0.5,) * 3, std=(0.2,) * 3, crops="ten")
        >>> shape.views(Image.new("RGB", (40, 30), "red")).shape
        (10, 14, 14, 3)
        """
        side, ground = self.image_size, self.ground
        if self.crops == "one":  # the same, without a plan: many small images are to be fast
            return fit(image, side, ground)[None]
        # A padded picture is a square before any view is cut from it.
        width, height = image.size if ground is None else (side, side)
        return look(image, CROPS[self.crops].plan(width, height, side), side, ground)


# Asked for every image, and of small ones there are thousands in a second.
@lru_cache
def _ground(fit: Fit, mean: tuple[float, float, float]) -> Ground:
    return ground_of(DataConfig(fit=fit), mean)


@lru_cache
def _at_least(crops: Crops, side: int) -> int:
    return max(view.scaled for view in CROPS[crops].plan(side, side, side))
