"""scikit-learn's digits: 1,797 handwritten ones of 8×8 pixels, a flat tree of ten."""

from __future__ import annotations

import numpy as np

from labeltree.data.collection import Collection, Source
from labeltree.data.images import ArrayImages
from labeltree.taxonomy.tree import Taxonomy

_WHITE = 16


def open_digits() -> Source:
    """scikit-learn's digits: 10 digits, 1,797 images of 8×8 pixels; grey becomes three channels.

    They come with the program (scikit-learn ships them): real handwriting for tests and for the
    smallest scale of studies. There is no test part; it is split off. (scikit-learn has the test
    part alone, by other writers, of the "optical recognition of handwritten digits" of the UCI
    repository, so a network tested here has seen its writers.)

    The grey values 0 ... 16 become 0 ... 255.
    """
    from sklearn.datasets import load_digits

    found = load_digits()
    grey = np.rint(found.images * (255 / _WHITE)).astype(np.uint8)
    taxonomy = Taxonomy.from_paths([str(digit) for digit in range(10)], level_names=("digit",))
    images = ArrayImages(np.repeat(grey[..., None], 3, axis=-1), "digits image")
    train = Collection(taxonomy, images, found.target.astype(np.int64) + 1)
    return Source("digits", train, mirror=False)
