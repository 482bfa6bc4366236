"""Views of an image: the squares that a network sees of it where nothing is trained.

Node probabilities are averaged over the views (`labeltree.training.evaluation`). `CROPS` is the
table of the kinds; `DataConfig.crops` names one.

Lengths are those of the papers in proportion: theirs are for a network of 224 pixels, so 256 are
256/224 of the side in use. So all kinds but `one` and `flip` show things larger than the whole
image does. A network must have met that in training, as on random resized crops: with ten crops
instead of one, slim networks went from 32.7 to 36.6 % right where they had been trained on those
(of at least 35 % of the area, two epochs), but from 61.9 to 52.4 % where on whole images, padded
and shifted (12 epochs); there `flip` is the kind that helps: 63.9 %. (One network each, the first
2,000 test images of CIFAR-100.)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from labeltree.data.config import Crops
from labeltree.data.fitting import Ground, fit

_PUBLISHED_SIDE = 224
_SCALE = 256
_SCALES = (256, 288, 320, 352)
_ENDS_AND_MIDDLE = (0.0, 0.5, 1.0)


class View(NamedTuple):
    """How one view is cut.

    Attributes:
        square: left, top, right, bottom of a square in the image, in its own pixels.
        scaled: the side that this square is scaled to.
        corner: left and top of the view in the scaled square; None is the whole square, scaled
            once more if need be.
        mirrored: left to right, at last.
    """

    square: tuple[float, float, float, float]
    scaled: int
    corner: tuple[int, int] | None = None
    mirrored: bool = False


Plan = Callable[[int, int, int], tuple[View, ...]]


@dataclass(frozen=True)
class CropKind:
    """One row of `CROPS`.

    Attributes:
        description: what is seen, for people.
        plan: the views of an image from its width, its height and the side of a view.
        unmirrored: the kind that leaves the mirror images out, for characters and the like; a
            kind without mirror images names itself.
    """

    description: str
    plan: Plan
    unmirrored: Crops


def _one(width: int, height: int, side: int) -> tuple[View, ...]:
    """What `labeltree.data.fitting.fit` makes of an image."""
    return (View(_square(width, height, 0.5), side),)


def _five(width: int, height: int, side: int) -> tuple[View, ...]:
    """Krizhevsky et al., "ImageNet classification with deep convolutional networks", 2012, s. 4.1.

    Corners and centre of the central square of 256 pixels: section 2 has images scaled by their
    shorter side and cut to that square first.
    """
    square, scaled = _square(width, height, 0.5), _scaled(_SCALE, side)
    return tuple(View(square, scaled, corner) for corner in _corners_and_centre(scaled, side))


def _multi_scale(width: int, height: int, side: int) -> tuple[View, ...]:
    """Szegedy et al., "Going deeper with convolutions", 2015, section 7.

    Four scales; of each the left, central and right square (top, central, bottom if upright); of
    each of those the corners, the centre and the whole.
    """
    views = []
    for scaled in (_scaled(scale, side) for scale in _SCALES):
        for place in _ENDS_AND_MIDDLE:
            square = _square(width, height, place)
            corners = _corners_and_centre(scaled, side)
            views += [View(square, scaled, corner) for corner in (*corners, None)]
    return tuple(views)


def _with_mirror_images(plan: Plan) -> Plan:
    def both(width: int, height: int, side: int) -> tuple[View, ...]:
        views = plan(width, height, side)
        return (*views, *(view._replace(mirrored=True) for view in views))

    return both


CROPS: dict[Crops, CropKind] = {
    "one": CropKind("the central square", _one, "one"),
    "flip": CropKind("the central square and its mirror image", _with_mirror_images(_one), "one"),
    "five": CropKind("four corners and the centre", _five, "five"),
    "ten": CropKind("five and their mirror images", _with_mirror_images(_five), "five"),
    "multi-scale": CropKind(
        "144 views: three squares at four scales, of each four corners, centre and whole, and "
        "their mirror images",
        _with_mirror_images(_multi_scale),
        "multi-scale-unmirrored",
    ),
    "multi-scale-unmirrored": CropKind(
        "the 72 that are not mirrored", _multi_scale, "multi-scale-unmirrored"
    ),
}


def settled(crops: Crops, mirror: bool) -> Crops:
    """The kind to use where mirror images may not show the same.

    >>> settled("ten", mirror=True), settled("ten", mirror=False)
    ('ten', 'five')
    """
    return crops if mirror else CROPS[crops].unmirrored


def count(crops: Crops) -> int:
    """Number of views of each image, those counted twice that happen to be equal.

    >>> [count(crops) for crops in CROPS]
    [1, 2, 5, 10, 144, 72]
    """
    return len(CROPS[crops].plan(_PUBLISHED_SIDE, _PUBLISHED_SIDE, _PUBLISHED_SIDE))


def distinct(views: Iterable[View]) -> tuple[View, ...]:
    """Each view once, if that leaves their average as it is: if all occur equally often.

    Left, central and right square of a square image are one, so that a third of its 144 views
    will do.
    """
    views = tuple(views)
    times = Counter(views)
    return tuple(times) if len(set(times.values())) == 1 else views


def look(
    image: Image.Image, views: Iterable[View], side: int, ground: Ground = None
) -> NDArray[np.uint8]:
    """Cut views out of an image.

    Args:
        image: in mode RGB.
        views: of an image of its size and of this side; of any square if it is padded to one.
        side: of a view in pixels.
        ground: what a padded picture lies on.

    Returns:
        uint8, shape `(number of views, side, side, 3)`.

    >>> photo = Image.new("RGB", (40, 30), "red")
    >>> look(photo, CROPS["ten"].plan(40, 30, 14), 14).shape
    (10, 14, 14, 3)
    """
    squares: dict[tuple[object, int], Image.Image] = {}
    cut = []
    for view in views:
        key = (view.square, view.scaled)
        if key not in squares:
            squares[key] = (
                _resized(image, view.scaled, view.square)
                if ground is None
                else Image.fromarray(fit(image, view.scaled, ground))
            )
        square = squares[key]
        if view.corner is None:
            pixels = np.asarray(_resized(square, side))
        else:
            left, top = view.corner
            pixels = np.asarray(square)[top : top + side, left : left + side]
        cut.append(pixels[:, ::-1] if view.mirrored else pixels)
    return np.stack(cut)


def _resized(
    image: Image.Image, side: int, box: tuple[float, float, float, float] | None = None
) -> Image.Image:
    # Pillow's filters widen with the scale: no aliasing, however large the photo.
    return image.resize((side, side), Image.Resampling.BILINEAR, box=box)


def _scaled(published: int, side: int) -> int:
    return round(published * side / _PUBLISHED_SIDE)


def _square(width: int, height: int, place: float) -> tuple[float, float, float, float]:
    """The largest square, from the one end (0) to the other (1) of the longer side."""
    shorter = min(width, height)
    left, top = place * (width - shorter), place * (height - shorter)
    return left, top, left + shorter, top + shorter


def _corners_and_centre(scaled: int, side: int) -> tuple[tuple[int, int], ...]:
    """Left and top of squares of `side` in one of `scaled`."""
    end, middle = scaled - side, (scaled - side) // 2
    return (0, 0), (end, 0), (0, end), (end, end), (middle, middle)
