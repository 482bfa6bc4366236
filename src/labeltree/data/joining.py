"""Two collections as one."""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from labeltree.data.collection import Collection
from labeltree.data.images import ArrayImages, Images
from labeltree.taxonomy.label_sets import NONE, LabelSets


class JoinedImages:
    """Images of one sequence after those of another; see `labeltree.data.images.Images`.

    Args:
        first: some images.
        second: some more.
        rows: which of all are meant, in this order; all if None.
    """

    def __init__(
        self, first: Images, second: Images, rows: NDArray[np.int64] | None = None
    ) -> None:
        self.first, self.second = first, second
        self.rows = np.arange(len(first) + len(second)) if rows is None else rows

    def __len__(self) -> int:
        return len(self.rows)

    def _at(self, i: int) -> tuple[Images, int]:
        row = int(self.rows[i])
        before = len(self.first)
        return (self.first, row) if row < before else (self.second, row - before)

    def name(self, i: int) -> str:
        """See `Images.name`."""
        images, place = self._at(i)
        return images.name(place)

    def read(self, i: int, at_least: int = 0) -> Image.Image:
        """See `Images.read`."""
        images, place = self._at(i)
        return images.read(place, at_least)

    def verify(self, i: int) -> None:
        """See `Images.verify`."""
        images, place = self._at(i)
        images.verify(place)

    def content(self, i: int) -> bytes:
        """See `Images.content`."""
        images, place = self._at(i)
        return images.content(place)

    def subset(self, indices: ArrayLike) -> Self:
        """See `Images.subset`."""
        rows = self.rows[np.asarray(indices, dtype=np.int64)]
        return type(self)(self.first, self.second, rows)


def joined(first: Collection, second: Collection) -> Collection:
    """The images of both, first those of `first`, over one and the same taxonomy.

    If either holds label sets, all labels become sets.

    >>> from labeltree.taxonomy import Taxonomy
    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> images = ArrayImages(np.zeros((1, 8, 8, 3), dtype=np.uint8))
    >>> cat = Collection(tree, images, np.array([1]))
    >>> puggle = Collection.combined(tree, images, np.array([[3, 4]]))
    >>> joined(cat, puggle).sets.tolist()
    [[1, -1], [3, 4]]
    """
    assert first.taxonomy == second.taxonomy, "collections of different trees"
    images = _both(first.images, second.images)
    targets = np.concatenate([first.targets, second.targets])
    if first.sets is None and second.sets is None:
        return Collection(first.taxonomy, images, targets)
    parts = [_as_sets(first), _as_sets(second)]
    width = max(part.shape[1] for part in parts)
    sets = np.concatenate(
        [np.pad(part, ((0, 0), (0, width - part.shape[1])), constant_values=NONE) for part in parts]
    )
    return Collection(first.taxonomy, images, targets, sets)


def _as_sets(part: Collection) -> LabelSets:
    return part.targets[:, None] if part.sets is None else part.sets


def _both(first: Images, second: Images) -> Images:
    """One array where both are arrays of one size, which every loader is quickest with."""
    arrays = [each for each in (first, second) if isinstance(each, ArrayImages)]
    if len({each.array.shape[1:] for each in arrays}) == 1 and len(arrays) == 2:
        every = zip(*((each.array, each.labels, each.rows) for each in arrays), strict=True)
        return ArrayImages(*map(np.concatenate, every))
    return JoinedImages(first, second)
