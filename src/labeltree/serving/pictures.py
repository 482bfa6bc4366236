"""From the bytes of an image that a stranger sent to what the network looks at."""

from __future__ import annotations

import io
import re

import numpy as np
from numpy.typing import NDArray

from labeltree.data.decoding import decode, size_in_header
from labeltree.errors import BadImageError
from labeltree.runtime import Preprocessing

FORMATS = {
    "PNG": rb"\x89PNG\r\n\x1a\n",
    "JPEG": rb"\xff\xd8\xff",
    "WebP": rb"RIFF....WEBP",
    "GIF": rb"GIF8[79]a",
    "BMP": rb"BM",
    "TIFF": rb"II[*+]\0|MM\0[*+]",
    "AVIF": rb"....ftyp",
    "JPEG 2000": rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51",
    "PPM": rb"P[1-6]\s",
}
"""How files begin that are opened at all. Pillow knows formats that run other programs
(PostScript) or take any bytes for an image: nobody photographs in those."""

_KNOWN = re.compile(b"|".join(FORMATS.values()), re.DOTALL)


def look_at(content: bytes, shape: Preprocessing, most_pixels: int) -> NDArray[np.uint8]:
    """The views of one image.

    Args:
        content: encoded.
        shape: what the network looks at.
        most_pixels: that the header may tell of; more are not decoded.

    Returns:
        Shape `(num_views, image_size, image_size, 3)`.

    Raises:
        BadImageError: why it is not taken, with no name before it.
    """
    if not content:
        raise BadImageError("empty file (0 bytes)")
    if not _KNOWN.match(content):
        raise BadImageError(f"not an image, or not in a format that is taken: {', '.join(FORMATS)}")
    size = size_in_header(io.BytesIO(content))
    if size is not None and size[0] * size[1] > most_pixels:
        raise BadImageError(
            f"{size[0]:,} × {size[1]:,} pixels; at most {most_pixels:,} are taken: scale it down"
        )
    try:
        return shape.views(decode(io.BytesIO(content), "", at_least=shape.at_least))
    except BadImageError as error:
        raise BadImageError(str(error).removeprefix(": ")) from None
