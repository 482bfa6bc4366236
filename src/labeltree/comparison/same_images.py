"""Which runs were tested on the same images: only these may be tested against each other."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from labeltree.comparison.figures import part
from labeltree.reports.run.folder import RunFolder
from labeltree.runs.run_folder import read_identity

if TYPE_CHECKING:
    from labeltree.comparison.entries import Entry


def images_of(run: RunFolder, renamed: bool = False) -> str | None:
    """What tells a run's test images from others; None where nothing does.

    A test split that the data bring is known by its names and labels. One that was set aside from
    the training images also depends on how: labels alone would not tell, since the images of a
    folder come class by class. A run of `evaluate` does not keep what it was measured on.

    Args:
        run: its folder.
        renamed: whether other runs have other labels for the same images; only numbers of images
            are then compared.
    """
    identity: object = read_identity(run.path)
    if not isinstance(identity, dict):
        return None
    if renamed:
        identity = {name: part(identity, name).get("images") for name in identity}
    if "test" in identity:
        return json.dumps(identity["test"], sort_keys=True)
    split = part(part(run.record, "recipe"), "split")
    return json.dumps([identity.get("train"), split], sort_keys=True) if split else None


def same_images(entries: Sequence[Entry]) -> list[int]:
    """A number for each entry, equal where the images are the same.

    They are if their labels agree image by image, and nothing tells them apart. Runs that do not
    tell their images are taken for those of the same labels if these are of one kind only.

    Args:
        entries: of one data set.
    """
    numbers: dict[tuple[bytes, str | None], int] = {}
    targets = [entry.predictions.targets.tobytes() for entry in entries]
    known: dict[bytes, set[str]] = {}
    for key, entry in zip(targets, entries, strict=True):
        known.setdefault(key, set()).update(() if entry.images is None else (entry.images,))
    found = []
    for key, entry in zip(targets, entries, strict=True):
        told = next(iter(known[key])) if len(known[key]) == 1 else entry.images
        found.append(numbers.setdefault((key, told), len(numbers)))
    return found
