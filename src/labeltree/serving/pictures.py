"""From the bytes of an image that a stranger sent to what the network looks at."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from labeltree.data import decoding
from labeltree.data.decoding import decode
from labeltree.errors import BadImageError
from labeltree.runtime import Preprocessing
from labeltree.serving.directories import repeats_a_size
from labeltree.serving.scans import MOST_SCANS, too_many_scans

FORMATS = {
    "PNG": rb"\x89PNG\r\n\x1a\n",
    "JPEG": rb"\xff\xd8\xff",
    "WebP": rb"RIFF....WEBP",
    "GIF": rb"GIF8[79]a",
    "BMP": rb"BM",
    "TIFF": rb"II[*+]\0|MM\0[*+]",
    "AVIF": rb"\0\0\0.ftypavi[fs]",
    "PPM": rb"P[1-6]\s",
}
"""How files begin that are opened at all; Pillow is asked for these formats only. It knows others
that take any bytes for an image, or (JPEG 2000) stop all threads while they decode."""

REQUEST = 8
"""All images of one request together may have so many times the pixels of the largest."""

_SMALL_FILE, _SMALL = 16 * 1024, 128 * 128
"""Bytes of a file, and pixels of an image and of its views, that are decoded in about 0.1 ms."""

_SLOW = {
    b"\x89PNG\r\n\x1a\n": (b"zTXt", b"iTXt", b"iCCP", b"eXIf", b"Raw profile type"),
    b"\xff\xd8\xff": (b"\xff\xc2", b"\xff\xca", b"Exif\0", b"MPF\0"),
}
"""How small files begin, and what must not be in them: what unpacks to megabytes, many scans, and
tables of tags, which Pillow reads in Python and which may lead back to themselves."""

_KNOWN = re.compile(b"|".join(FORMATS.values()), re.DOTALL)
_NAMES = tuple(name for name in map(str.upper, FORMATS) if name in decoding.FORMATS)


class Pixels:
    """What the images of one request may have.

    Args:
        most: of one image.
    """

    def __init__(self, most: int) -> None:
        self._most, self._left = most, REQUEST * most

    def take(self, width: int, height: int) -> None:
        """Count an image before it is decoded.

        Raises:
            BadImageError: it is too large, or the request is with it.
        """
        if width * height > self._most:
            raise BadImageError(
                f"{width:,} × {height:,} pixels; at most {self._most:,} are taken: scale it down"
            )
        if width * height > self._left:
            raise BadImageError(
                f"the images of one request have more than {REQUEST * self._most:,} pixels "
                "together: send fewer at once"
            )
        self._left -= width * height


class Sent:
    """One image of a request.

    Args:
        content: encoded.
        shape: what the network looks at.
        pixels: that its request may still have.
    """

    def __init__(self, content: bytes, shape: Preprocessing, pixels: Pixels) -> None:
        self._content, self._shape, self._pixels = content, shape, pixels

    def __call__(self) -> NDArray[np.uint8]:
        """See `look_at`."""
        return look_at(self._content, self._shape, self._pixels.take)

    def at_once(self) -> NDArray[np.uint8] | None:
        """The same if it takes less time than waking a thread to do it, else None.

        Raises:
            BadImageError: as `look_at`.
        """
        content, shape = self._content, self._shape
        if len(content) > _SMALL_FILE or shape.num_views * shape.image_size**2 > _SMALL:
            return None
        slow = next((marks for begin, marks in _SLOW.items() if content.startswith(begin)), (b"",))
        if any(mark in content for mark in slow):
            return None
        try:
            return look_at(content, shape, self._take_small)
        except _LargeError:
            return None

    def _take_small(self, width: int, height: int) -> None:
        if width * height > _SMALL:
            raise _LargeError
        self._pixels.take(width, height)


class _LargeError(BadImageError):
    """Nothing is wrong with it."""


def look_at(
    content: bytes, shape: Preprocessing, allow: Callable[[int, int], None]
) -> NDArray[np.uint8]:
    """The views of one image.

    Args:
        content: encoded.
        shape: what the network looks at.
        allow: told its width and height before it is decoded; may raise BadImageError.

    Returns:
        Shape `(num_views, image_size, image_size, 3)`.

    Raises:
        BadImageError: why it is not taken, with no name before it.
    """
    if not content:
        raise BadImageError("empty file (0 bytes)")
    if not _KNOWN.match(content):
        raise BadImageError(f"not an image, or not in a format that is taken: {', '.join(FORMATS)}")
    if content.startswith(b"\xff\xd8") and too_many_scans(content):
        raise BadImageError(f"a JPEG of more than {MOST_SCANS} scans; save it again as a usual one")
    if content.startswith((b"II", b"MM")) and repeats_a_size(content):
        raise BadImageError("damaged image (a TIFF that tells its size twice)")
    try:
        return shape.views(decode(io.BytesIO(content), "", shape.at_least, _NAMES, allow))
    except _LargeError:
        raise
    except BadImageError as error:
        raise BadImageError(str(error).removeprefix(": ")) from None
