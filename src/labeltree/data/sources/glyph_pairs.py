"""The embedded set with combined labels: two characters blended into each image."""

from __future__ import annotations

import numpy as np

from labeltree.data.blending import draw_pairs, in_front
from labeltree.data.collection import Source
from labeltree.data.combined_classes import combinations_as_classes
from labeltree.data.sources.glyphs import Glyphs
from labeltree.data.subsets import take_classes

NAME = "glyph-pairs"


def open_glyph_pairs(
    pairs: int = 10,
    images_per_pair: int = 100,
    test_images_per_pair: int = 100,
    seed: int = 0,
    originals: bool = False,
    as_classes: bool = False,
    classes: int = 100,
    images_per_class: int = 60,
    test_images_per_class: int = 20,
    size: int = 32,
    original_seed: int = 0,
    of: int | None = None,
    subset_seed: int = 0,
) -> Source:
    """The embedded set with combined labels: two characters blended into each image.

    The characters stand beside each other, partly overlapping. These images are painted for the
    purpose: none is made of one of `glyphs`, so that nothing has to be reserved.

    Args:
        pairs: number of combinations; see `labeltree.data.blending.draw_pairs`.
        images_per_pair: training images of each combination.
        test_images_per_pair: test images of each combination.
        seed: which pairs, and what their images look like.
        originals: put the images of `glyphs` in front, with their one label each: to learn
            everything again from the start.
        as_classes: each combination is a class of its own; see `combinations_as_classes`.
        classes: number of characters; this and all that follows as in `open_glyphs`.
        images_per_class: in the training part of the originals.
        test_images_per_class: in the test part of the originals.
        size: side of the images, in pixels.
        original_seed: the `seed` of `glyphs` whose images are the originals.
        of: see `open_glyphs`.
        subset_seed: see `open_glyphs`.

    Raises:
        DataError: a number out of range.
    """
    glyphs = Glyphs(classes, of, subset_seed, size)
    chosen = draw_pairs(glyphs.taxonomy, glyphs.leaves, pairs, np.random.default_rng(seed))
    train = glyphs.paint("combined train", chosen, images_per_pair, seed)
    test = glyphs.paint("combined test", chosen, test_images_per_pair, seed)
    if originals:
        single = glyphs.paint_each("train", images_per_class, original_seed)
        train = in_front(single, train, f"{NAME} train image")
        single = glyphs.paint_each("test", test_images_per_class, original_seed)
        test = in_front(single, test, f"{NAME} test image")
    combined = take_classes(Source(NAME, train, test=test, mirror=False), glyphs.leaves)
    return combinations_as_classes(combined) if as_classes else combined
