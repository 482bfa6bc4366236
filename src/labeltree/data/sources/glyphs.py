"""The embedded set: characters of many scripts, drawn from the fonts that matplotlib ships."""

from __future__ import annotations

import numpy as np

from labeltree.data.collection import Collection, Source
from labeltree.data.images import ArrayImages
from labeltree.data.sources.glyph_alphabet import Character, choose_characters
from labeltree.data.sources.glyph_painting import GlyphPainter
from labeltree.data.subsets import draw_classes, take_classes
from labeltree.errors import DataError
from labeltree.taxonomy.arrays import Nodes
from labeltree.taxonomy.tree import SEPARATOR, Taxonomy

_STREAMS = {"train": 0, "test": 1, "combined train": 2, "combined test": 3}


def open_glyphs(
    classes: int = 100,
    images_per_class: int = 60,
    test_images_per_class: int = 20,
    size: int = 32,
    seed: int = 0,
    of: int | None = None,
    subset_seed: int = 0,
) -> Source:
    """The embedded set: characters under their families (scripts, digits, arrows, ...).

    Each image is one character in one of its faces (two at least), turned, sheared, scaled and
    blurred, on uneven paper, with parts of other characters at the border. Training and test
    images are different draws. A mirror image of a character is not that character.

    Args:
        classes: number of characters, 2 to about 4,000; 100 are 10 families of 10.
        images_per_class: in the training part.
        test_images_per_class: in the test part.
        size: side of the images, in pixels.
        seed: equal seeds draw equal images.
        of: the classes are chosen at random among so many characters (`glyphs:1000`), parts of
            which are at the borders; the first `classes` of the fonts if None.
        subset_seed: which ones are chosen; see `labeltree.data.subsets.draw_classes`.

    Raises:
        DataError: a number out of range.
    """
    glyphs = Glyphs(classes, of, subset_seed, size)
    train = glyphs.paint_each("train", images_per_class, seed)
    test = glyphs.paint_each("test", test_images_per_class, seed)
    return take_classes(Source("glyphs", train, test=test, mirror=False), glyphs.leaves)


class Glyphs:
    """Some of the characters, ready to be painted; arguments as in `open_glyphs`.

    Attributes:
        taxonomy: of all characters among which the classes are chosen.
        leaves: the classes, as node numbers.
    """

    def __init__(self, classes: int, of: int | None, subset_seed: int, size: int) -> None:
        if not 8 <= size <= 512:
            raise DataError(f"glyphs: images of {size} pixels; expected a size from 8 to 512")
        characters = choose_characters(classes if of is None else of)
        self.taxonomy = glyph_taxonomy(characters)
        self.leaves = np.sort(draw_classes("glyphs", self.taxonomy, classes, subset_seed))
        self._painter = GlyphPainter(characters, size)

    def paint_each(self, part: str, each: int, seed: int) -> Collection:
        """So many images of every class, the classes taking turns; see `paint`."""
        return self.paint(part, self.leaves, each, seed)

    def paint(self, part: str, shown: Nodes, each: int, seed: int) -> Collection:
        """So many images of each of these, which take turns.

        Args:
            part: a key of `_STREAMS`; different parts are different draws.
            shown: leaves, shape `(n,)`; or `(n, k)`, ascending in each row, for images of `k`
                characters blended into each other, which have label sets.
            each: how many.
            seed: equal seeds draw equal images.

        Raises:
            DataError: `each` is below 1.
        """
        if each < 1:
            raise DataError(f"glyphs: {each} {part} images of each class; expected at least 1")
        labels = np.tile(shown, (each, *[1] * (shown.ndim - 1)))
        rng = np.random.default_rng([seed, _STREAMS[part]])
        pixels = self._painter.paint(self.taxonomy.leaf_index[labels], rng)
        images = ArrayImages(pixels, f"glyphs {part} image")
        if shown.ndim == 1:
            return Collection(self.taxonomy, images, labels)
        return Collection.combined(self.taxonomy, images, labels)


def glyph_taxonomy(characters: list[Character]) -> Taxonomy:
    """Two levels; leaf number `i` is character number `i`."""
    return Taxonomy.from_paths(
        [f"{character.family}{SEPARATOR}{character.name}" for character in characters],
        level_names=("family", "character"),
    )
