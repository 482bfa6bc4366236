"""Leave out images that are too small to show anything."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from labeltree.data.collection import Source
from labeltree.data.decoding import size_in_header
from labeltree.data.images import ArrayImages, FileImages, Images
from labeltree.data.progress import for_each
from labeltree.errors import DataError

_CHUNK = 256


def without_small_images(source: Source, least: int) -> Source:
    """The source without images that have a side under `least` pixels; a note counts them.

    Only headers are read. Damaged images stay: they are dealt with by
    `labeltree.data.checking.without_bad_images`.

    Source: paper 003, section 7.2, discards images with a dimension below 250 pixels.

    Raises:
        DataError: no training image is left.
    """
    small = {name: _shorter_sides(part.images) < least for name, part in source.parts.items()}
    if not (count := sum(int(which.sum()) for which in small.values())):
        return source
    if small["train"].all():
        raise DataError(
            f"{source.name}: every training image has a side under {least} pixels; choose less "
            "with min_side"
        )
    kept = iter([np.flatnonzero(~which) for which in small.values()])
    source = source.replace_parts(lambda part: part.subset(next(kept)))
    images = "image" if count == 1 else "images"
    note = f"left out {count:,} {images} with a side under {least} pixels"
    return replace(source, notes=(*source.notes, note))


def _shorter_sides(images: Images) -> NDArray[np.float64]:
    """In pixels, `(n,)`; infinite where that cannot be told."""
    if isinstance(images, ArrayImages):
        return np.full(len(images), float(min(images.array.shape[1:3])))
    sides = np.full(len(images), np.inf)

    def measure_some(start: int) -> None:
        for i in range(start, min(start + _CHUNK, len(images))):
            if isinstance(images, FileImages):
                size = size_in_header(images.paths[i])
            else:
                size = size_in_header(io.BytesIO(images.content(i)))
            if size is not None:
                sides[i] = min(size)

    for_each(measure_some, range(0, len(images), _CHUNK), "measuring images")
    return sides
