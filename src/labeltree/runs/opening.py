"""Open a data set as three splits whose images can all be read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from rich.console import Console

from labeltree.data import check_images, open_source, split
from labeltree.data.collection import Collection, Source, Splits
from labeltree.errors import BadImageError
from labeltree.recipes import Recipe

_NAMED = 5  # damaged images that the error itself lists


def open_splits(
    recipe: Recipe, data_root: Path | None, skip_bad_images: bool, console: Console
) -> tuple[Splits, int]:
    """The recipe's data, split as it says.

    Damaged images are found before training starts, whichever loader is chosen later.

    Returns:
        The splits, and how many damaged images were left out.

    Raises:
        BadImageError: damaged images, and `skip_bad_images` is not set.
        DataError: the set is missing or cannot be used.
    """
    source = open_source(recipe.data, data_root, **recipe.data_options)
    for note in source.notes:
        console.print(f"note     {note}", highlight=False, markup=False)
    source, skipped = without_bad_images(source, skip_bad_images, console)
    splits = split(
        source, recipe.split.validation_fraction, recipe.split.test_fraction, recipe.split.seed
    )
    counts = (
        f"{len(splits.train):,} to train, {len(splits.validation):,} to validate, "
        f"{len(splits.test):,} to test"
    )
    console.print(f"data     {source.name}: {counts}; {source.taxonomy}", highlight=False)
    return splits, skipped


def without_bad_images(source: Source, skip: bool, console: Console) -> tuple[Source, int]:
    """`source` without the images that cannot be decoded, and how many those are.

    Raises:
        BadImageError: there are some and `skip` is not set; the first few are named.
    """
    parts: dict[str, Collection] = {}
    complaints: list[str] = []
    for name in ("train", "validation", "test"):
        part: Collection | None = getattr(source, name)
        if part is None:
            continue
        bad = check_images(part)
        complaints += [found.reason for found in bad]
        keep = np.setdiff1d(np.arange(len(part)), [found.index for found in bad])
        parts[name] = part.subset(keep) if bad else part
    if complaints and not skip:
        more = f" and {len(complaints) - _NAMED} more" if len(complaints) > _NAMED else ""
        raise BadImageError(
            f"{len(complaints)} damaged images: {'; '.join(complaints[:_NAMED])}{more}. Replace "
            "them, or leave them out with --skip-bad-images"
        )
    for complaint in complaints:
        console.print(f"skipped  {complaint}", highlight=False, markup=False)
    return replace(source, **parts), len(complaints)
