"""New images that are old images of another split, and so are left out.

A folder that holds the old images and more is split anew: old test images would be trained on, and
old training images measured. An image stays in the split that it was in first; which others were
left out is kept beside the run, so that whoever splits the same data again finds the same images.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from labeltree.data.collection import Collection, Splits
from labeltree.data.images import Images
from labeltree.errors import ModelFolderError
from labeltree.writing import write_text

LEFT_OUT = "left_out.json"

LeftOut = Mapping[str, list[int]]
"""By split, positions in it."""


def known_elsewhere(new: Splits, old: Splits) -> LeftOut:
    """The new images that equal an old one of another split; equal bytes are equal images.

    >>> from labeltree.data.images import ArrayImages
    >>> from labeltree.taxonomy import Taxonomy
    >>> grey = ArrayImages(np.arange(3, dtype=np.uint8).repeat(3).reshape(3, 1, 1, 3))
    >>> whole = Collection(Taxonomy.from_paths(["cat", "dog"]), grey, np.array([1, 1, 2]))
    >>> one, two, three = (whole.subset([i]) for i in range(3))
    >>> dict(known_elsewhere(Splits(whole, one, two), Splits(one, two, three)))
    {'train': [1, 2], 'validation': [0], 'test': [0]}
    """
    known = {name: set(_digests(part.images)) for name, part in vars(old).items()}
    found = {}
    for name, part in vars(new).items():
        others = set().union(*(known[other] for other in known if other != name))
        found[name] = [i for i, digest in enumerate(_digests(part.images)) if digest in others]
    return {name: positions for name, positions in found.items() if positions}


def without(splits: Splits, left_out: LeftOut) -> Splits:
    """The other images."""

    def fewer(name: str, part: Collection) -> Collection:
        gone = left_out.get(name, [])
        return part.subset(np.delete(np.arange(len(part)), gone)) if gone else part

    return Splits(**{name: fewer(name, part) for name, part in vars(splits).items()})


def keep_left_out(left_out: LeftOut, run: Path) -> None:
    """Write which images the run that begins in a folder leaves out, if it does."""
    if left_out:
        write_text(run / LEFT_OUT, json.dumps(left_out) + "\n")


def read_left_out(run: Path) -> LeftOut:
    """What `keep_left_out` wrote.

    Raises:
        ModelFolderError: the file is damaged.
    """
    path = run / LEFT_OUT
    if not path.exists():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {str(name): [int(i) for i in positions] for name, positions in found.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        raise ModelFolderError(f"{path} is damaged; restore it, or train {run} anew") from None


def _digests(images: Images) -> Iterator[bytes]:
    return (hashlib.blake2b(images.content(i)).digest() for i in range(len(images)))
