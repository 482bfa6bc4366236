"""Find images that cannot be decoded before they stop a run, and copies that spoil a test."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labeltree.data.collection import Collection, Source
from labeltree.data.images import ArrayImages, Images
from labeltree.data.progress import for_each
from labeltree.errors import BadImageError

_CHUNK = 64
_NAMED = 5  # damaged images that an error lists


@dataclass(frozen=True)
class BadImage:
    """An image that cannot be decoded.

    Attributes:
        index: its position.
        name: what it is called.
        reason: one line that begins with the name.
    """

    index: int
    name: str
    reason: str


def check_images(collection: Collection) -> list[BadImage]:
    """Decode every image once, in threads; the damaged ones, by position.

    Images that are decoded already cost nothing.
    """
    images = collection.images
    if isinstance(images, ArrayImages):
        return []
    found: list[BadImage] = []

    def check_some(start: int) -> None:
        for i in range(start, min(start + _CHUNK, len(images))):
            try:
                images.verify(i)
            except BadImageError as error:
                found.append(BadImage(i, images.name(i), str(error)))

    for_each(check_some, range(0, len(images), _CHUNK), "checking images")
    return sorted(found, key=lambda bad: bad.index)


def without_bad_images(source: Source, skip: bool = False) -> tuple[Source, list[BadImage]]:
    """The source without its damaged images, and those.

    Raises:
        BadImageError: there are some and `skip` is not set; says how many and names the first.
            Or no other image is left to learn from.
    """
    bad: list[BadImage] = []

    def clean(part: Collection) -> Collection:
        found = check_images(part)
        bad.extend(found)
        return without(part, [image.index for image in found])

    cleaned = source.replace_parts(clean)
    if bad and not skip:
        raise BadImageError(summary(bad))
    if bad and not len(cleaned.train):
        raise BadImageError(f"{source.name}: no readable image is left; {bad[0].reason}")
    return cleaned, bad


def without(part: Collection, indices: Sequence[int]) -> Collection:
    """All images but these."""
    if not len(indices):
        return part
    return part.subset(np.setdiff1d(np.arange(len(part)), np.asarray(indices, dtype=np.int64)))


def summary(bad: Sequence[BadImage]) -> str:
    """One line that counts damaged images, names the first ones and says what to do."""
    more = f" and {len(bad) - _NAMED} more" if len(bad) > _NAMED else ""
    named = "; ".join(image.reason for image in bad[:_NAMED])
    count = "1 damaged image" if len(bad) == 1 else f"{len(bad)} damaged images"
    return f"{count}: {named}{more}. Replace them, or leave them out with --skip-bad-images"


@dataclass(frozen=True, eq=False)
class Inspection:
    """What a full look at a collection tells.

    Attributes:
        bad: images that cannot be decoded.
        sizes: width and height of each image in pixels, shape `(n, 2)`; 0 where damaged.
        digests: a hash of each image's stored bytes, shape `(n,)`; equal hashes are copies.
    """

    bad: list[BadImage]
    sizes: NDArray[np.int64]
    digests: NDArray[np.uint64]


def inspect(images: Images) -> Inspection:
    """Decode, measure and hash every image, in threads."""
    sizes = np.zeros((len(images), 2), dtype=np.int64)
    digests = np.zeros(len(images), dtype=np.uint64)
    bad: list[BadImage] = []

    def inspect_some(start: int) -> None:
        for i in range(start, min(start + _CHUNK, len(images))):
            try:
                # The full size is asked for: a reduced decoding would report its own.
                sizes[i] = images.read(i).size
                digest = hashlib.blake2b(images.content(i), digest_size=8).digest()
                digests[i] = int.from_bytes(digest, "little")
            except BadImageError as error:
                bad.append(BadImage(i, images.name(i), str(error)))

    for_each(inspect_some, range(0, len(images), _CHUNK), "inspecting images")
    return Inspection(sorted(bad, key=lambda image: image.index), sizes, digests)
