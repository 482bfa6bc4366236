"""Paint characters: turned, sheared, scaled, blurred, coloured, among clutter and noise."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from labeltree.data.sources.glyph_alphabet import Character
from labeltree.data.sources.glyph_fonts import draw_mask

_FINER = 2  # tiles are drawn this much larger than images
_FILL = 0.6  # share of the tile that a character spans
_BATCH = 256
_STRANGERS = 3

Floats = NDArray[np.float32]


class GlyphPainter:
    """Draws each character once in each of its faces, then paints as many images as wanted.

    Args:
        characters: the classes.
        size: side of the images, in pixels.
    """

    def __init__(self, characters: list[Character], size: int) -> None:
        self.size = size
        side = _FINER * size
        self._tiles = [
            [Image.fromarray(draw_mask(c.text, face, side, _FILL)) for face in c.faces]
            for c in characters
        ]

    def paint(self, classes: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.uint8]:
        """One image per row.

        Args:
            classes: which characters, shape `(n,)`, or `(n, k)` for `k` characters blended into
                each image.
            rng: the only source of chance: equal generators paint equal images.

        Returns:
            Shape `(n, size, size, 3)`.
        """
        classes = classes.reshape(len(classes), -1)
        images = np.empty((len(classes), self.size, self.size, 3), dtype=np.uint8)
        for start in range(0, len(classes), _BATCH):
            rows = classes[start : start + _BATCH]
            images[start : start + len(rows)] = self._paint_batch(rows, rng)
        return images

    def _paint_batch(self, classes: NDArray[np.int64], rng: np.random.Generator) -> NDArray:
        n, k = len(classes), int(classes.shape[1])
        paper, ink, other = _colours(n, k, rng)
        canvas = _backgrounds(n, self.size, paper, rng)
        # Parts of other characters reach in from the border, unless several are there anyway.
        for _ in range(_STRANGERS if k == 1 else 0):
            strangers = rng.integers(len(self._tiles), size=n)
            away = rng.uniform(0.4, 0.62, n) * self.size
            where = rng.uniform(0, 2 * np.pi, n)
            mask = self._masks(strangers, away, where, rng.uniform(0.5, 1.1, n), rng)
            canvas = _lay_on(canvas, mask * rng.uniform(0.3, 1, (n, 1, 1)), other)
        # One character stands near the middle; several stand around it, partly overlapping.
        away = rng.uniform(0, 0.1, n) * self.size if k == 1 else np.full(n, 0.17 * self.size)
        where = rng.uniform(0, 2 * np.pi, n)
        for j in range(k):
            around = where + 2 * np.pi * j / k
            mask = self._masks(classes[:, j], away, around, rng.uniform(0.65, 1.2, n), rng)
            mask = _blur(mask, rng.uniform(0, 1, n))
            canvas = _lay_on(canvas, mask * (1 if k == 1 else 0.9), ink[:, j])
        canvas += rng.normal(0, 1, canvas.shape) * rng.uniform(0.02, 0.11, (n, 1, 1, 1))
        return (np.clip(canvas, 0, 1) * 255 + 0.5).astype(np.uint8)

    def _masks(
        self,
        classes: NDArray[np.int64],
        away: NDArray,
        where: NDArray,
        scale: NDArray,
        rng: np.random.Generator,
    ) -> Floats:
        """Each character in a random face, turned and sheared.

        It stands `away` pixels off the middle, in the direction `where` (radians).
        """
        maps = _affine_maps(self.size, away, where, scale, rng)
        masks = np.empty((len(classes), self.size, self.size), dtype=np.float32)
        faces = rng.random(len(classes))
        for i, number in enumerate(classes.tolist()):
            tiles = self._tiles[number]
            masks[i] = tiles[int(faces[i] * len(tiles))].transform(
                (self.size, self.size), Image.Transform.AFFINE, maps[i], Image.Resampling.BILINEAR
            )
        return masks / np.float32(255)


def _affine_maps(
    size: int, away: NDArray, where: NDArray, scale: NDArray, rng: np.random.Generator
) -> list[list[float]]:
    """From image to tile coordinates, the six numbers per image that Pillow wants."""
    n = len(away)
    turn, shear = np.radians(rng.uniform(-25, 25, n)), rng.uniform(-0.3, 0.3, n)
    stretch = np.exp(rng.uniform(-0.2, 0.2, n))
    cos, sin = np.cos(turn), np.sin(turn)
    # The inverse of scaling, stretching, shearing and turning, in the opposite order.
    across = _FINER / scale * stretch
    down = _FINER / scale / stretch
    a, b = across * cos, across * sin
    c, d = down * (shear * cos - sin), down * (shear * sin + cos)
    x = size / 2 + away * np.cos(where)
    y = size / 2 + away * np.sin(where)
    middle = _FINER * size / 2
    numbers = [a, b, middle - a * x - b * y, c, d, middle - c * x - d * y]
    maps: list[list[float]] = np.stack(numbers, axis=1).tolist()
    return maps


def _colours(n: int, k: int, rng: np.random.Generator) -> tuple[Floats, Floats, Floats]:
    """Colours in 0..1: of paper `(n, 3)`, of ink `(n, k, 3)`, of strangers `(n, 3)`."""
    dark = rng.random(n) < 0.5
    contrast = rng.uniform(0.28, 0.75, n)
    light_of_paper = np.where(dark, rng.uniform(0, 1 - contrast), rng.uniform(contrast, 1))
    light_of_ink = light_of_paper + np.where(dark, contrast, -contrast)
    paper = light_of_paper[:, None] + rng.uniform(-0.12, 0.12, (n, 3))
    ink = light_of_ink[:, None, None] + rng.uniform(-0.12, 0.12, (n, k, 3))
    share = rng.uniform(0.3, 1, (n, 1))
    other = paper + share * (ink.mean(1) - paper) + rng.uniform(-0.15, 0.15, (n, 3))
    return paper.astype(np.float32), ink.astype(np.float32), other.astype(np.float32)


def _backgrounds(n: int, size: int, paper: Floats, rng: np.random.Generator) -> Floats:
    """Paper with a slope of light and soft blotches, shape `(n, size, size, 3)`."""
    across = np.linspace(-0.5, 0.5, size, dtype=np.float32)
    slope = rng.uniform(-0.25, 0.25, (2, n, 1, 1)).astype(np.float32)
    light = slope[0] * across + slope[1] * across[:, None]
    coarse = rng.uniform(-0.12, 0.12, (n, 4, 4)).astype(np.float32)
    # Linear interpolation of the 4×4 blotches is a product with one matrix on each side.
    places = np.linspace(0, 3, size)
    spread = np.maximum(0, 1 - np.abs(places[:, None] - np.arange(4))).astype(np.float32)
    light = light + spread @ coarse @ spread.T
    return light[..., None] + paper[:, None, None, :]


def _blur(masks: Floats, amount: NDArray) -> Floats:
    """Mix each mask with its 1-4-6-4-1 smoothed self; `amount` 0..1, shape `(n,)`."""
    smooth = masks
    for axis in (1, 2):
        for _ in range(2):
            smooth = (
                0.5 * smooth + 0.25 * np.roll(smooth, 1, axis) + 0.25 * np.roll(smooth, -1, axis)
            )
    share = amount.astype(np.float32)[:, None, None]
    return masks + share * (smooth - masks)


def _lay_on(canvas: Floats, mask: NDArray, colour: Floats) -> Floats:
    """Blend one colour per image over the canvas where the mask has ink."""
    mixed: Floats = canvas + mask.astype(np.float32)[..., None] * (
        colour[:, None, None, :] - canvas
    )
    return mixed
