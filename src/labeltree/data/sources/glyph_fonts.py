"""The fonts that matplotlib ships: which faces have a character, and what it looks like."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

FACES = (
    *("DejaVuSans", "DejaVuSerif", "DejaVuSansMono", "STIXGeneral", "cmr10", "cmss10"),
    *("DejaVuSans-Bold", "DejaVuSans-Oblique", "DejaVuSans-BoldOblique"),
    *("DejaVuSerif-Bold", "DejaVuSerif-Italic", "DejaVuSansMono-Bold", "STIXGeneralBol"),
)
# Computer Modern is trusted with these only: its other codes are TeX's own choice.
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
_DRAWN_AT = 96  # pixels per em


def faces_of(text: str) -> tuple[str, ...]:
    """The faces that have a character and leave ink when they draw it."""
    return tuple(face for face in FACES if ord(text) in _codes(face) and _has_ink(text, face))


def draw_mask(text: str, face: str, side: int, fill: float) -> NDArray[np.uint8]:
    """Ink of one character, its larger extent scaled to `fill * side` and centred.

    Returns:
        Shape `(side, side)`, 0 for paper to 255 for ink.
    """
    left, top, right, bottom = _box(text, face)
    ink = Image.new("L", (right - left, bottom - top))
    ImageDraw.Draw(ink).text((-left, -top), text, fill=255, font=_font(face))
    ink = ink.crop(ink.getbbox())
    scale = fill * side / max(ink.size)
    size = (max(1, round(ink.width * scale)), max(1, round(ink.height * scale)))
    ink = ink.resize(size, Image.Resampling.LANCZOS)
    tile = Image.new("L", (side, side))
    tile.paste(ink, ((side - size[0]) // 2, (side - size[1]) // 2))
    return np.asarray(tile)


def _box(text: str, face: str) -> tuple[int, int, int, int]:
    left, top, right, bottom = _font(face).getbbox(text)
    return round(left), round(top), round(right), round(bottom)


def _has_ink(text: str, face: str) -> bool:
    left, top, right, bottom = _box(text, face)
    return right > left and bottom > top


@cache
def _codes(face: str) -> frozenset[int]:
    from matplotlib.ft2font import FT2Font

    codes = FT2Font(str(_file(face))).get_charmap()
    if face.startswith("cm"):
        return frozenset(code for code in codes if chr(code) in _PLAIN)
    return frozenset(codes)


@cache
def _font(face: str) -> ImageFont.FreeTypeFont:
    # The basic layout draws every character by itself, whatever shaping library is installed.
    return ImageFont.truetype(_file(face), _DRAWN_AT, layout_engine=ImageFont.Layout.BASIC)


def _file(face: str) -> Path:
    import matplotlib

    return Path(matplotlib.get_data_path()) / "fonts" / "ttf" / f"{face}.ttf"
