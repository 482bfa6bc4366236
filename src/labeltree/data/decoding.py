"""From the bytes of an image file to an upright RGB picture, or one clear reason why not."""

from __future__ import annotations

import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

import numpy as np
from PIL import Image, ImageOps

from labeltree.errors import BadImageError

_HAS_ALPHA = {"RGBA", "LA", "PA", "La", "RGBa"}
FORMATS = (
    *("PNG", "JPEG", "GIF", "BMP", "PPM"),  # these five Pillow loads by itself: they come first
    *("WEBP", "TIFF", "JPEG2000", "ICO", "DIB", "ICNS", "CUR", "PCX", "DCX", "DDS", "QOI", "SGI"),
    *("PSD", "SUN", "MSP", "XBM", "XPM", "FLI", "FITS", "FTEX", "BLP"),
    *(("AVIF",) if find_spec("PIL.AvifImagePlugin") else ()),  # since Pillow 11.3
    *("IM", "TGA"),  # no bytes at the beginning tell them: they come last
)
"""What is read (JPEG with MPO): formats that Pillow decodes by itself. Never PostScript, for which
it runs a program, nor what only wraps files of any other format."""
_TILE_WIDTH, _TILE_LENGTH = 322, 323


def decode(
    stored: str | Path | IO[bytes],
    name: str,
    at_least: int = 0,
    formats: Sequence[str] = FORMATS,
    allow: Callable[[int, int], None] | None = None,
) -> Image.Image:
    """Decode one image as a person would see it.

    The EXIF orientation is applied, transparency is laid on white, and grey, palette, CMYK and
    16-bit images become 8-bit RGB.

    Args:
        stored: a path, or an open binary file.
        name: what to call the image in an error.
        at_least: if positive, a JPEG may be decoded at 1/2, 1/4 or 1/8 of its size (several times
            faster for photos) as long as both sides keep this many pixels.
        formats: Pillow's names of those that are read, some of `FORMATS`.
        allow: told the width and height of all that would be laid out in memory, before it is:
            more than the image where the tile of a TIFF is larger. May raise BadImageError.

    Raises:
        BadImageError: missing, empty, truncated, no image at all, or so large that it looks like
            a decompression bomb.
    """
    try:
        with _open(stored, formats) as image:
            if allow is not None:
                allow(*_laid_out(image))
            if at_least:
                image.draft("RGB", (at_least, at_least))
            image.load()
            return to_rgb(_upright(image))
    except BadImageError:  # not allowed
        raise
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
        with _open(stored, FORMATS) as image:
            return image.size
    except Exception:
        return None  # whoever decodes it says why


def quietly() -> AbstractContextManager[None]:
    """Keep Pillow's remarks on metadata quiet, in all threads; whoever decodes does so by itself.

    Only worth it around the decoding of many small images: changing Python's filters of warnings
    takes as long as opening one. Has to end where it began, like `warnings.catch_warnings`: not in
    a generator.
    """
    return _FILTERS.changed()


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


def _open(stored: str | Path | IO[bytes], formats: Sequence[str]) -> Image.Image:
    Image.preinit()
    with _FILTERS.changed():
        return Image.open(stored, formats=tuple(formats))


class _Filters:
    """Python's filters of warnings, which all threads share, while images are opened.

    The first that comes in changes them and the last that goes out restores them: two threads
    inside `warnings.catch_warnings` at once would restore each other's.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._before = warnings.catch_warnings()

    @contextmanager
    def changed(self) -> Iterator[None]:
        """No remarks on metadata, which nobody here reads; too many pixels are an error."""
        with self._lock:
            if self._inside == 0:
                self._before = warnings.catch_warnings()
                self._before.__enter__()
                warnings.filterwarnings("ignore", module=r"PIL\b")
                warnings.simplefilter("error", Image.DecompressionBombWarning)
            self._inside += 1
        try:
            yield
        finally:
            with self._lock:
                self._inside -= 1
                if self._inside == 0:
                    self._before.__exit__(None, None, None)


_FILTERS = _Filters()


def _laid_out(image: Image.Image) -> tuple[int, int]:
    tags: Any = getattr(image, "tag_v2", None)
    if not tags:
        return image.size
    width, height = image.size
    return max(width, _most(tags, _TILE_WIDTH)), max(height, _most(tags, _TILE_LENGTH))


def _most(tags: Any, number: int) -> int:
    """The largest value of a TIFF's tag, 0 if it has none; beyond all limits if it is no number."""
    try:
        return int(np.max(tags.get(number, 0)))
    except (TypeError, ValueError, OverflowError):
        return sys.maxsize


def _upright(image: Image.Image) -> Image.Image:
    with suppress(Exception):  # broken metadata leave it as it was stored, which is not bad
        ImageOps.exif_transpose(image, in_place=True)
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
