"""Whether a data set is still the one that a model was trained on."""

from __future__ import annotations

import hashlib
from pathlib import Path

from labeltree.data.collection import Collection, Source

Identity = dict[str, dict[str, int | str]]


def identity(source: Source) -> Identity:
    """For each part its number of images and a digest of their file names and labels, in order.

    Seeded splits are the same as long as these are. Folders above the files do not count, so that
    a set may be moved; nor do pixels, which would all have to be read.

    >>> import numpy as np
    >>> from labeltree.data.collection import ArrayImages
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
    for number, target in enumerate(part.targets.tolist()):
        line = f"{Path(part.images.name(number)).name}\0{paths[target]}\n"
        digest.update(line.encode("utf-8", "backslashreplace"))
    return digest.hexdigest()
