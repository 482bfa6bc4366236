"""Which characters `glyphs` draws: families of look-alikes, in the fonts that matplotlib ships."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labeltree.data.sources.glyph_fonts import draw_mask, faces_of
from labeltree.errors import DataError

# Family -> the characters drawn first, and the Unicode ranges that the others come from.
FAMILIES: dict[str, tuple[str, tuple[tuple[int, int], ...]]] = {
    "latin": ("AEGKMQRSWZ", ((0x41, 0x5B), (0x61, 0x7B), (0xC0, 0x250), (0x1E00, 0x1F00))),
    "greek": ("βΓΔζΘλξπΨΩ", ((0x370, 0x400), (0x1F00, 0x2000))),
    "cyrillic": ("БДЖЙЛФЦЩЮЯ", ((0x400, 0x530),)),
    "arabic": ("بجدسصطعفكه", ((0x620, 0x64B), (0x66E, 0x6D4), (0xFB50, 0xFE00))),
    "hebrew": ("אבגהזלמעשת", ((0x5D0, 0x5EB), (0xFB1D, 0xFB50))),
    "armenian": ("ԱԳԸԹԾՁՃՋՔՖ", ((0x531, 0x590),)),
    "georgian": ("აბდზთლმჟჯჰ", ((0x10D0, 0x1100), (0x10A0, 0x10D0))),
    "digits": ("0123456789", ((0x2160, 0x2189), (0xBC, 0xBF), (0x2150, 0x2160))),
    "arrows": ("←↑↔↺⇒⇄↯↵↱⇕", ((0x2190, 0x2200), (0x27F0, 0x2800), (0x2900, 0x2980))),
    "operators": ("∀∂∃∇∈∑√∞∩≈", ((0x2200, 0x2300), (0x2A00, 0x2B00))),
    "shapes": ("■▲●◆◐◢▣◎▧◬", ((0x25A0, 0x2600), (0x2B12, 0x2B20))),
    "signs": ("☀☂☎☢☯★♞♣♥♫", ((0x2600, 0x2700),)),
    "ornaments": ("✂✈✉✌✎✔✗❀❄❦", ((0x2701, 0x27C0),)),
    "syllabics": ("ᐁᐃᐊᑌᑫᒉᒥᓇᓴᔭ", ((0x1401, 0x1680),)),
    "currency": ("€£¥₩₪₫₴₱₹₠", ((0x20A0, 0x20C0), (0xA2, 0xA6))),
    "tifinagh": ("ⴰⴱⴳⴷⴼⴽⵀⵃⵉⵥ", ((0x2D30, 0x2D70),)),
    "lao": ("ກຂງຍຜຝວຫອຣ", ((0xE81, 0xEDE),)),
    "nko": ("ߊߋߍߐߓߖߛߟߡߦ", ((0x7CA, 0x7FB),)),
    "lisu": ("ꓐꓓꓕꓘꓚꓠꓤꓪꓯꓶ", ((0xA4D0, 0xA500),)),
    "technical": ("⌂⌘⌥⌨⌬⏏⎈⏎⌀⌁", ((0x2300, 0x2400),)),
    "phonetic": ("ɐɓɕɞɣɮɰʁʒʞ", ((0x250, 0x2B0), (0x1D00, 0x1DC0))),
    "letterlike": ("ℂℍℒℕℙℚℝℤ℘ℵ", ((0x2100, 0x2150), (0x1D400, 0x1D800))),
    "circled": ("①②③④⑤⑥ⒶⒷⒸⒹ", ((0x2460, 0x2500), (0x2776, 0x2794))),
    "braille": ("⠁⠃⠇⠏⠟⠿⡇⡏⣏⣿", ((0x2801, 0x2900),)),
    "boxes": ("─│┌┐└┘├┤┬┼", ((0x2500, 0x25A0),)),
    "faces": ("😀😂😄😇😈😍😐😠😢😮", ((0x1F600, 0x1F650),)),
    "old-italic": ("𐌀𐌁𐌃𐌄𐌇𐌈𐌋𐌌𐌖𐌚", ((0x10300, 0x10324),)),
}

_SAME = 0.93  # correlation of two drawings from which on they count as one character
_SAMPLE = 16  # side of those drawings, in pixels


@dataclass(frozen=True)
class Character:
    """One class of `glyphs`.

    Attributes:
        family: name of its branch.
        name: of the leaf, from Unicode, unique within the family.
        text: the character itself.
        faces: the font faces that have it, two at least.
    """

    family: str
    name: str
    text: str
    faces: tuple[str, ...]


def choose_characters(number: int) -> list[Character]:
    """So many characters, spread evenly over about `sqrt(number)` families.

    A character that looks like one chosen before it (Latin, Greek and Cyrillic share an A) is
    passed over. 100 characters are 10 of each of 10 families.

    Raises:
        DataError: fewer than 2, or more than the fonts hold.
    """
    if number < 2:
        raise DataError(f"glyphs: {number} classes asked for; expected at least 2")
    names = list(FAMILIES)[: max(2, round(number**0.5))]
    looks = _Looks()
    sources = {family: _distinct(family, looks) for family in names}
    chosen: dict[str, list[Character]] = {family: [] for family in names}
    count = 0
    while count < number and sources:
        for family in list(sources)[: number - count]:
            character = next(sources[family], None)
            if character is None:
                del sources[family]
            else:
                chosen[family].append(character)
                count += 1
    if count < number:
        raise DataError(
            f"glyphs: {number} classes asked for; the fonts hold {count} different characters"
        )
    return [character for family in names for character in chosen[family]]


def _distinct(family: str, looks: _Looks) -> Iterator[Character]:
    """The characters of a family that do not look like any seen before."""
    first, ranges = FAMILIES[family]
    texts = [*first, *(chr(code) for start, stop in ranges for code in range(start, stop))]
    names: set[str] = set()
    for text in dict.fromkeys(texts):
        name = _name(text, family)
        if name is None or name in names:
            continue
        faces = faces_of(text)
        if len(faces) >= 2 and looks.add(draw_mask(text, faces[0], _SAMPLE, 1)):
            names.add(name)
            yield Character(family, name, text, faces)


def _name(text: str, family: str) -> str | None:
    """`GREEK SMALL LETTER BETA` of family greek is `small beta`; None for what has no ink."""
    if unicodedata.category(text)[0] in "MZC":
        return None
    words = unicodedata.name(text, "").lower().replace("/", " ").split()
    said = {"letter", "sign", family[:-1], *family.split("-")}
    kept = [word for word in words if word not in said]
    return " ".join(kept or words) or None


class _Looks:
    """Drawings of the characters chosen so far, each scaled to length 1."""

    def __init__(self) -> None:
        self._seen = np.empty((64, _SAMPLE * _SAMPLE), dtype=np.float32)
        self._count = 0

    def add(self, mask: NDArray[np.uint8]) -> bool:
        """Remember a drawing; False if it is empty or nearly the same as one before."""
        look = mask.astype(np.float32).ravel()
        length = np.linalg.norm(look)
        if length == 0:
            return False
        look /= length
        if (self._seen[: self._count] @ look > _SAME).any():
            return False
        if self._count == len(self._seen):
            self._seen = np.concatenate([self._seen, np.empty_like(self._seen)])
        self._seen[self._count] = look
        self._count += 1
        return True
