"""The embedded set: characters of many scripts, drawn from the fonts that matplotlib ships."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from labeltree.data.collection import ArrayImages, Collection, Source
from labeltree.data.sources.glyph_alphabet import Character, choose_characters
from labeltree.data.sources.glyph_painting import GlyphPainter
from labeltree.data.subsets import draw_classes, take_classes
from labeltree.errors import DataError
from labeltree.taxonomy.tree import SEPARATOR, Taxonomy

_PARTS = {"train": 0, "test": 1, "combined": 2}


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
    if min(images_per_class, test_images_per_class) < 1 or not 8 <= size <= 512:
        raise DataError(
            f"glyphs: {images_per_class} + {test_images_per_class} images per class of {size} "
            "pixels; expected at least 1 of each and a size from 8 to 512"
        )
    characters = choose_characters(classes if of is None else of)
    taxonomy = glyph_taxonomy(characters)
    leaves = np.sort(draw_classes("glyphs", taxonomy, classes, subset_seed))
    painter = GlyphPainter(characters, size)
    parts = []
    for part, each in (("train", images_per_class), ("test", test_images_per_class)):
        targets = np.tile(leaves, each)
        rng = np.random.default_rng([seed, _PARTS[part]])
        images = ArrayImages(
            painter.paint(taxonomy.leaf_index[targets], rng), f"glyphs {part} image"
        )
        parts.append(Collection(taxonomy, images, targets))
    source = Source("glyphs", parts[0], test=parts[1], mirror=False)
    return take_classes(source, leaves)


def paint_combined(
    pairs: NDArray[np.int64], classes: int = 100, size: int = 32, seed: int = 0
) -> ArrayImages:
    """Images with combined labels: two characters blended into each.

    Args:
        pairs: positions among the leaves of `glyphs:classes`, shape `(n, 2)`.
        classes: of the set that the pairs are from.
        size: side of the images, in pixels.
        seed: equal seeds draw equal images.
    """
    painter = GlyphPainter(choose_characters(classes), size)
    rng = np.random.default_rng([seed, _PARTS["combined"]])
    return ArrayImages(painter.paint(np.asarray(pairs), rng), "glyphs combined image")


def glyph_taxonomy(characters: list[Character]) -> Taxonomy:
    """Two levels; leaf number `i` is character number `i`."""
    return Taxonomy.from_paths(
        [f"{character.family}{SEPARATOR}{character.name}" for character in characters],
        level_names=("family", "character"),
    )
