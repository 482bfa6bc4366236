"""All that a training needs before its first step: images, loaders, a fresh network."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import torch
from accelerate import Accelerator
from accelerate.utils import set_seed
from rich.console import Console

from labeltree.data.collection import Collection, Splits
from labeltree.data.identity import Identity
from labeltree.data.loading import Loader, MeanStd, image_size_of, make_loader
from labeltree.data.statistics import channel_statistics
from labeltree.methods import check_names, make_method
from labeltree.methods.protocol import Method
from labeltree.recipes import Recipe
from labeltree.runs.image_sizes import check_image_sizes
from labeltree.runs.opening import Opened, open_splits
from labeltree.runs.telling import tell
from labeltree.training.rehearsal import epochs_within

_IMAGES_TO_PREPARE = 4096


@dataclass(frozen=True, eq=False)
class Prepared:
    """See the module.

    Attributes:
        recipe: with the image size settled and the budget in epochs.
        splits: the images.
        identity: tells whether the data are the same another time.
        skipped: number of damaged images that were left out.
        train: loader of the training split; `validation` and `test` likewise.
        mean_std: of the training images, per channel.
        method: freshly initialised, its fitted layers fitted.
    """

    recipe: Recipe
    splits: Splits
    identity: Identity
    skipped: int
    train: Loader
    validation: Loader
    test: Loader
    mean_std: MeanStd
    method: Method

    @classmethod
    def from_recipe(
        cls,
        recipe: Recipe,
        accelerator: Accelerator,
        data_root: Path | None,
        skip_bad_images: bool,
        console: Console,
    ) -> Self:
        """Open, load and build what the recipe names, telling what was chosen.

        Raises:
            LabeltreeError: whatever the user can mend.
        """
        # A misspelt name is told before a large set is read for it.
        check_names(recipe.method, recipe.backbone, recipe.method_options)
        opened = open_splits(recipe, data_root, skip_bad_images, console)
        splits = opened.splits
        recipe = _settled(recipe, opened, console)
        mean_std = channel_statistics(splits.train)

        def loader(part: Collection) -> Loader:
            return make_loader(
                part,
                recipe.loading,
                mean_std,
                train=part is splits.train,
                device=accelerator.device,
                seed=recipe.training.seed,
                rank=accelerator.process_index,
                world_size=accelerator.num_processes,
            )

        train, validation, test = map(loader, (splits.train, splits.validation, splits.test))
        tell(console, "images", train.why)
        method = new_method(recipe, splits.train, mean_std)
        size = f"{num_parameters(method):,} parameters"
        tell(console, "model", f"{recipe.method} on {recipe.backbone}: {size}")
        if (minutes := recipe.training.minutes) is not None:
            epochs = epochs_within(method, train, recipe.training, accelerator.device)
            training = recipe.training.replace(epochs=epochs, minutes=None)
            recipe = recipe.replace(training=training)
            tell(console, "budget", f"{minutes:g} minutes become {epochs:.3g} epochs")
        loaders = (train, validation, test)
        return cls(recipe, splits, opened.identity, opened.skipped, *loaders, mean_std, method)


def _settled(recipe: Recipe, opened: Opened, console: Console) -> Recipe:
    """The recipe with what the images themselves decide."""
    side = image_size_of(opened.splits.train, recipe.loading)
    loading = recipe.loading.replace(image_size=side)
    if loading.augment.flip != "none" and not opened.mirror:
        tell(console, "note", "no flip: mirrored, these images would show something else")
        loading = loading.replace(augment=loading.augment.replace(flip="none"))
    return recipe.replace(loading=loading)


def new_method(recipe: Recipe, images: Collection, mean_std: MeanStd) -> Method:
    """A network as the recipe's seed makes it, its fitted layers fitted to training images."""
    set_seed(recipe.training.seed)
    method = make_method(
        recipe.method,
        images.taxonomy,
        recipe.backbone,
        recipe.method_options,
        weights=recipe.weights,
        pretrained=recipe.pretrained,
    )
    assert recipe.loading.image_size is not None
    progressive = [side for _, side in recipe.training.image_sizes]
    sides = [recipe.loading.image_size, *progressive]
    batch = min(recipe.loading.batch_size, len(images))
    check_image_sizes(method, recipe.backbone, sides, batch)
    # As evaluation sees them: in the same order and on the same device whatever trains later.
    sample = images.subset(range(0, len(images), -(-len(images) // _IMAGES_TO_PREPARE)))
    loader = make_loader(
        sample, recipe.loading, mean_std, train=False, device="cpu", seed=recipe.training.seed
    )
    method.prepare(torch.cat([batch for batch, _ in loader.batches(0)]))
    return method


def num_parameters(method: Method) -> int:
    """Number of learned values; fitted and frozen ones are not counted."""
    return sum(parameter.numel() for parameter in method.parameters())
