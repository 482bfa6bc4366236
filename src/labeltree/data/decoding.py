"""From the bytes of an image file to an upright RGB picture, or one clear reason why not."""

from __future__ import annotations

import threading
import warnings
from pathlib import Path
from typing import IO

import numpy as np
from PIL import Image, ImageOps

from labeltree.errors import BadImageError

_HAS_ALPHA = {"RGBA", "LA", "PA", "La", "RGBa"}
# `warnings.catch_warnings` swaps process-wide filters: two threads inside it at once would
# restore each other's.
_FILTERS = threading.Lock()


def decode(stored: str | Path | IO[bytes], name: str, at_least: int = 0) -> Image.Image:
    """Decode one image as a person would see it.

    The EXIF orientation is applied, transparency is laid on white, and grey, palette, CMYK and
    16-bit images become 8-bit RGB.

    Args:
        stored: a path, or an open binary file.
        name: what to call the image in an error.
        at_least: if positive, a JPEG may be decoded at 1/2, 1/4 or 1/8 of its size (several times
            faster for photos) as long as both sides keep this many pixels.

    Raises:
        BadImageError: missing, empty, truncated, no image at all, or so large that it looks like
            a decompression bomb.
    """
    try:
        with _open(stored) as image:
            if at_least:
                image.draft("RGB", (at_least, at_least))
            image.load()
            return to_rgb(_upright(image))
    except Image.UnidentifiedImageError:
        raise BadImageError(f"{name}: {_why_unidentified(stored)}") from None
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        limit = (Image.MAX_IMAGE_PIXELS or 0) // 1_000_000
        raise BadImageError(f"{name}: more than {limit} million pixels; scale it down") from None
    except FileNotFoundError:
        raise BadImageError(f"{name}: no such file") from None
    except Exception as error:
        # Codecs report damage by OSError, SyntaxError, ValueError, struct.error, zlib.error, ...
        reason = " ".join(str(error).split()) or type(error).__name__
        raise BadImageError(f"{name}: damaged image ({reason})") from None


def size_in_header(stored: str | Path | IO[bytes]) -> tuple[int, int] | None:
    """Width and height as stored, in pixels, without decoding; None if that cannot be told."""
    try:
        with _open(stored) as image:
            return image.size
    except Exception:
        return None  # whoever decodes it says why


def to_rgb(image: Image.Image) -> Image.Image:
    """The image in mode RGB, 8 bits a channel, transparency laid on white."""
    if image.mode == "RGB" and "transparency" not in image.info:
        return image
    if image.mode in _HAS_ALPHA or "transparency" in image.info:
        image = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    if image.mode.startswith("I;16"):
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    elif image.mode in ("I", "F"):
        image = Image.fromarray(_to_8_bits(np.asarray(image)))
    return image.convert("RGB")


def _open(stored: str | Path | IO[bytes]) -> Image.Image:
    with _FILTERS, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # remarks on metadata, which nobody here reads
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        return Image.open(stored)


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:
        # Broken metadata does not make the picture bad: it stays as it was stored.
        return image


def _to_8_bits(values: np.ndarray) -> np.ndarray:
    """Wide grey values to 0..255; the range (0..1, 0..255 or 0..65535) is told by the maximum."""
    values = np.nan_to_num(values)
    top = values.max(initial=0)
    factor = 255 if values.dtype.kind == "f" and top <= 1 else 1 if top <= 255 else 1 / 257
    return np.clip(values * factor, 0, 255).astype(np.uint8)


def _why_unidentified(stored: str | Path | IO[bytes]) -> str:
    if isinstance(stored, str | Path):
        empty = Path(stored).stat().st_size == 0
    else:
        empty = stored.seek(0, 2) == 0
    return "empty file (0 bytes)" if empty else "not an image, or of an unknown format"
