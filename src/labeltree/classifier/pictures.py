"""Images in all the forms that users of scikit-learn have them in."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from labeltree.data.decoding import to_rgb
from labeltree.data.images import FileImages
from labeltree.errors import BadImageError, DataError

_FORMS = (
    "expected a list of paths, of PIL images, or of uint8 arrays of shape (height, width, 3) or "
    "(height, width)"
)


class Pictures(Protocol):
    """What is asked of `n` images; see `labeltree.data.images.Images`."""

    def __len__(self) -> int: ...

    def read(self, i: int, at_least: int = 0) -> Image.Image:
        """Image `i` in mode RGB.

        Raises:
            BadImageError: it cannot be decoded.
        """


class ImagesInMemory:
    """PIL images or arrays of pixels, shape `(height, width, 3)` or `(height, width)`."""

    def __init__(self, images: Sequence[Any] | NDArray[np.uint8]) -> None:
        self.images = images

    def __len__(self) -> int:
        return len(self.images)

    def read(self, i: int, at_least: int = 0) -> Image.Image:
        """See `Pictures.read`."""
        image = self.images[i]
        try:
            if not isinstance(image, Image.Image):
                image = Image.fromarray(image)
            return to_rgb(ImageOps.exif_transpose(image))
        except Exception as error:  # an image that Pillow has opened, but not yet decoded
            raise BadImageError(f"cannot be decoded ({' '.join(str(error).split())})") from None


def as_pictures(images: Any) -> Pictures:
    """Images in whatever form they are given.

    Args:
        images: `n` paths; `n` PIL images; a uint8 array of shape `(n, height, width, 3)` or, grey,
            `(n, height, width)`; or `n` uint8 arrays without the first axis, of any sizes.

    Raises:
        DataError: none, of several kinds, or no images; says which.
    """
    if isinstance(images, str | Path | Image.Image):
        raise DataError("images are one image; give a list of them")
    if isinstance(images, np.ndarray) and images.dtype.kind not in "OU":
        return _from_array(images)
    try:
        each = list(images)
    except TypeError:
        raise DataError(f"images are of type {type(images).__name__}; {_FORMS}") from None
    if not each:
        raise DataError("there are no images; expected at least one")
    kinds = [_kind(image, i) for i, image in enumerate(each)]
    for i, kind in enumerate(kinds):
        if kind != kinds[0]:
            raise DataError(f"image {i} is {kind}, image 0 is {kinds[0]}; give all in one form")
    if kinds[0] != "a path":
        return ImagesInMemory(each)
    for i, path in enumerate(each):
        if not Path(path).expanduser().is_file():
            raise BadImageError(f"image {i}: {path}: no such file")
    return FileImages([Path(path).expanduser().absolute() for path in each])


def read(pictures: Pictures, i: int, at_least: int = 0) -> Image.Image:
    """Image `i`, see `Pictures.read`; the error tells its position."""
    try:
        return pictures.read(i, at_least)
    except BadImageError as error:
        raise BadImageError(f"image {i}: {error}") from None


def check(pictures: Pictures) -> None:
    """Raise BadImageError for the first image that cannot be decoded."""
    for i in range(len(pictures)):
        read(pictures, i, at_least=1)


def as_cells(pictures: Pictures) -> Iterator[str | bytes]:
    """What a table holds of each image: its path, or its pixels as PNG."""
    if isinstance(pictures, FileImages):
        yield from pictures.paths
        return
    for i in range(len(pictures)):
        file = io.BytesIO()
        read(pictures, i).save(file, "PNG", compress_level=1)
        yield file.getvalue()


def longest_side(pictures: Pictures) -> int | None:
    """The longest side of images in memory, in pixels; None of files, which would be read."""
    if not isinstance(pictures, ImagesInMemory):
        return None
    sizes = [
        image.size if isinstance(image, Image.Image) else image.shape[:2]
        for image in pictures.images
    ]
    return int(max(max(size) for size in sizes))


def _from_array(array: NDArray[Any]) -> ImagesInMemory:
    if array.ndim == 4 and array.shape[-1] == 1:
        array = array[..., 0]
    elif array.ndim == 3 and array.shape[-1] in (3, 4):
        raise DataError(
            f"images are an array of shape {array.shape}: one image? give [image]; grey ones so "
            "narrow need a last axis of 1"
        )
    fits = array.ndim == 3 or (array.ndim == 4 and array.shape[-1] == 3)
    if array.dtype != np.uint8 or not fits or 0 in array.shape[1:]:
        raise DataError(
            f"images are an array of shape {array.shape} and type {array.dtype}; expected uint8 "
            "(0 to 255) of shape (n, height, width, 3), or (n, height, width) for grey ones"
        )
    if not len(array):
        raise DataError("there are no images; expected at least one")
    return ImagesInMemory(array)


def _kind(image: Any, i: int) -> str:
    if isinstance(image, str | Path):
        return "a path"
    if isinstance(image, Image.Image):
        return "a PIL image"
    if not isinstance(image, np.ndarray):
        raise DataError(f"image {i} is of type {type(image).__name__}; {_FORMS}")
    channels = image.shape[2:]
    if image.dtype != np.uint8 or image.ndim not in (2, 3) or channels not in ((), (3,)):
        raise DataError(f"image {i} has shape {image.shape} and type {image.dtype}; {_FORMS}")
    return "an array"
