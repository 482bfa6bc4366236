"""Whether a data set is still the one that a model was trained on."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from labeltree.data.collection import Collection, Source
from labeltree.taxonomy.label_sets import NONE

Identity = dict[str, dict[str, int | str]]


def identity(source: Source) -> Identity:
    """For each part its number of images and a digest of their file names and labels, in order.

    Seeded splits are the same as long as these are. Folders above the files do not count, so that
    a set may be moved; nor do pixels, which would all have to be read.

    >>> import numpy as np
    >>> from labeltree.data.images import ArrayImages
    >>> from labeltree.taxonomy import Taxonomy
    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> images = ArrayImages(np.zeros((2, 8, 8, 3), dtype=np.uint8))
    >>> now, later = (Source("pets", Collection(tree, images, [1, last])) for last in (3, 4))
    >>> identity(now)["train"]["images"], identity(now) == identity(later)
    (2, False)
    """
    return {
        name: {"images": len(part), "digest": _digest(part)} for name, part in source.parts.items()
    }


def _digest(part: Collection) -> str:
    digest = hashlib.blake2b(digest_size=16)
    paths = part.taxonomy.paths
    for number, label in enumerate(part.labels.tolist()):
        known = paths[label] if isinstance(label, int) else _told(paths, label)
        line = f"{Path(part.images.name(number)).name}\0{known}\n"
        digest.update(line.encode("utf-8", "backslashreplace"))
    return digest.hexdigest()


def _told(paths: Sequence[str], row: list[int]) -> str:
    """A label set in words."""
    return "\0".join(
        paths[node] if node >= 0 else f"?{paths[-2 - node]}" for node in row if node != NONE
    )
