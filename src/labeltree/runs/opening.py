"""Open a data set as three splits whose images can all be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from labeltree.data.checking import without_bad_images
from labeltree.data.collection import Collection, Splits
from labeltree.data.identity import Identity, identity
from labeltree.data.opening import open_source
from labeltree.data.scope import scoped
from labeltree.data.splits import split
from labeltree.data.subsets import relabel
from labeltree.recipes import Recipe
from labeltree.runs.telling import tell
from labeltree.taxonomy import Taxonomy


@dataclass(frozen=True, eq=False)
class Opened:
    """A data set, ready to be loaded.

    Attributes:
        splits: train, validation, test.
        whole_train: the training images of every scope.
        identity: tells whether the data are the same another time.
        skipped: number of damaged images that were left out.
        mirror: whether a mirrored image still shows its class; not so for characters.
    """

    splits: Splits
    whole_train: Collection
    identity: Identity
    skipped: int
    mirror: bool


def open_splits(
    recipe: Recipe,
    data_root: Path | None,
    skip_bad_images: bool,
    console: Console,
    tree: Taxonomy | None = None,
) -> Opened:
    """The recipe's data, split as it says.

    Damaged images are found before training starts, whichever loader is chosen later.

    Args:
        recipe: says which data.
        data_root: where known sets lie.
        skip_bad_images: leave damaged images out instead of stopping.
        console: where to tell what was found.
        tree: of a model that is there already: labels are looked up in it, and labels that it
            lacks are added to it if `recipe.streaming.new_labels` says so; None is the data's own.

    Raises:
        BadImageError: damaged images, and `skip_bad_images` is not set.
        DataError: the set is missing or cannot be used.
    """
    source = open_source(recipe.data, data_root, **recipe.data_options)
    for note in source.notes:
        tell(console, "note", note)
    source, bad = without_bad_images(source, skip_bad_images)
    for image in bad:
        tell(console, "skipped", image.reason)
    if tree is not None:
        source = relabel(source, tree, recipe.streaming.new_labels, _how_to_add)
    shares = recipe.split
    whole = split(source, shares.validation_fraction, shares.test_fraction, shares.seed)
    splits = scoped(whole, recipe.scope)
    tell(
        console,
        "data",
        f"{source.name}: {len(splits.train):,} to train, {len(splits.validation):,} to validate, "
        f"{len(splits.test):,} to test; {splits.train.taxonomy}",
    )
    return Opened(splits, whole.train, identity(source), len(bad), source.mirror)


def _how_to_add(parent: str, siblings: Sequence[str]) -> str:
    """What is said of a label that the tree of a model lacks."""
    some = ", ".join(siblings[:3])
    beside = f", beside {some}{', …' if siblings[3:] else ''}" if some else ""
    return (
        f"--new-labels adds it below {parent or 'the root'}{beside}; if it stands for several "
        "labels, name them in the table data_options.combined"
    )
