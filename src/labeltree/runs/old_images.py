"""The images of the model that training goes on from, as far as they are still there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from rich.console import Console
from torch import Tensor

from labeltree.data.collection import Collection, Splits
from labeltree.data.config import DataConfig
from labeltree.data.joining import joined
from labeltree.data.loading import make_loader
from labeltree.errors import DataError, LabeltreeError, ModelFolderError
from labeltree.recipes import Recipe
from labeltree.runs.going_on import Base, load_base
from labeltree.runs.left_out import read_left_out, without
from labeltree.runs.opening import open_splits
from labeltree.runs.run_folder import read_identity
from labeltree.runs.same_base import base_as_it_was
from labeltree.runs.telling import tell
from labeltree.streaming import StreamingConfig
from labeltree.streaming.replay import with_replay
from labeltree.taxonomy import Nodes, Taxonomy

_SAMPLE = 512


def open_if_there(
    base: Base,
    streaming: StreamingConfig,
    data_root: Path | None,
    skip_bad_images: bool,
    console: Console,
) -> Splits | None:
    """`open_old`, or None, which is told, where that fails and no protection wants the images.

    Raises:
        LabeltreeError: as `open_old`, if a protection does.
    """
    try:
        return open_old(base, data_root, skip_bad_images)
    except LabeltreeError as error:
        if streaming.elastic or streaming.replay:
            raise
        tell(console, "note", f"the old images are not looked at: {error}")
        return None


def open_old(base: Base, data_root: Path | None, skip_bad_images: bool) -> Splits:
    """The images that a model was trained and measured on, in its tree.

    Of a model that itself went on from another one, also those of that one, and so on.

    Args:
        base: the model.
        data_root: where known sets lie.
        skip_bad_images: leave damaged images out instead of stopping.

    Raises:
        LabeltreeError: they are not known, or no longer there as they were.
    """
    if base.recipe is None:
        raise ModelFolderError(
            f"{base.folder} does not tell what it was trained on; give the run folder that its "
            "training wrote"
        )
    before = load_base(_as_it_was(base.recipe, base.folder), base.folder)
    tree = None if before is None else before.model.taxonomy
    opened = open_splits(base.recipe, data_root, skip_bad_images, Console(quiet=True), tree)
    if read_identity(base.folder) not in (None, opened.identity):
        raise DataError(
            f"{base.recipe.data} is no longer as it was when {base.folder} was trained on it; "
            "restore it"
        )
    own = in_tree(without(opened.splits, read_left_out(base.folder)), base.model.taxonomy)
    if before is None:
        return own
    older = in_tree(open_old(before, data_root, skip_bad_images), base.model.taxonomy)
    return Splits(
        joined(own.train, older.train),
        joined(own.validation, older.validation),
        joined(own.test, older.test),
    )


def in_tree(splits: Splits, taxonomy: Taxonomy) -> Splits:
    """The same images in a tree that has all of theirs."""
    numbers = _numbers(splits.train.taxonomy, taxonomy)
    return Splits(
        splits.train.under(taxonomy, numbers),
        splits.validation.under(taxonomy, numbers),
        splits.test.under(taxonomy, numbers),
    )


def replayed(new: Collection, old: Splits | None, recipe: Recipe, console: Console) -> Collection:
    """The new training images, with as many old ones of each class as the recipe says."""
    if not recipe.streaming.replay:
        return new
    assert old is not None  # else there would have been an error
    theirs = in_tree(old, new.taxonomy).train
    train = with_replay(new, theirs, recipe.streaming.replay, recipe.training.seed)
    count = len(train) - len(new)
    tell(console, "replay", f"{count:,} old training images come along")
    return train


def sample_batches(base: Base, train: Collection) -> Iterator[tuple[Tensor, Tensor]]:
    """Some of the old training images, from all over them, as the old model saw them in the end."""
    shape = base.model.preprocessing
    sample = train.subset(range(0, len(train), -(-len(train) // _SAMPLE)))
    loading = DataConfig(image_size=shape.image_size, fit=shape.fit)
    loader = make_loader(sample, loading, (shape.mean, shape.std), False, device="cpu", seed=0)
    return loader.batches(0)


def _as_it_was(recipe: Recipe, run: Path) -> Recipe:
    """The recipe of a finished run, which names its base where that lies by now."""
    if recipe.streaming.base is None:
        return recipe
    base = base_as_it_was(recipe, run).absolute()
    return recipe.replace(streaming=recipe.streaming.replace(base=base))


def _numbers(old: Taxonomy, new: Taxonomy) -> Nodes:
    """The number in the new tree of each node of the old one."""
    return np.array([0, *(new.find(path) for path in old.paths[1:])])
