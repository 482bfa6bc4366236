"""Images ready to be learned from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Self

from accelerate import Accelerator
from rich.console import Console

from labeltree.data.collection import Collection, Splits
from labeltree.data.config import DataConfig
from labeltree.data.division import Division
from labeltree.data.identity import Identity
from labeltree.data.loading import Loader, MeanStd, image_size_of, make_loader
from labeltree.data.statistics import channel_statistics
from labeltree.data.view_loading import make_view_loader
from labeltree.data.views import settled
from labeltree.methods import find_method
from labeltree.recipes import Recipe
from labeltree.runs.division import division_record, sent_by_router, why_undivided
from labeltree.runs.going_on import Base, load_base
from labeltree.runs.image_sizes import check_networks
from labeltree.runs.left_out import LeftOut, known_elsewhere, without
from labeltree.runs.old_images import open_if_there, replayed
from labeltree.runs.opening import Opened, open_splits
from labeltree.runs.telling import tell


@dataclass(frozen=True, eq=False)
class PreparedImages:
    """The splits of a recipe, and how they become a network's input.

    Image size, normalisation and the directions of changed colours are those of the whole training
    split, whatever the scope: an image is the same input to the network of a branch as to that of
    the whole tree.

    Attributes:
        recipe: with the image size settled, and options that need no other file.
        splits: the images.
        whole_train: the training images of every scope.
        division: what a router sent, if `recipe.division` names one; else None.
        base: the model that training goes on from, if `recipe.streaming` names one; else None.
        old: the images of that model, in its tree, if they are still there; else None.
        left_out: the new images that are left out, since they are old ones of another split.
        identity: tells whether the data are the same another time.
        skipped: number of damaged images that were left out.
        mean_std: of the training images, per channel.
        mirror: whether a mirrored image still shows its class.
        accelerator: knows the device and the processes.
        train, validation, test: the loaders; each is made when it is first asked for. Validation
            is for after each epoch, with one view of each image.
        train_unchanged: the training images as evaluation sees them, with one view of each.
        validation_views: for the decoder, with the views of `recipe.loading.crops`, as `test`.
    """

    recipe: Recipe
    splits: Splits
    whole_train: Collection
    identity: Identity
    skipped: int
    mean_std: MeanStd
    mirror: bool
    accelerator: Accelerator
    division: Division | None = None
    base: Base | None = None
    old: Splits | None = None
    left_out: LeftOut = field(default_factory=dict)

    @classmethod
    def from_recipe(
        cls,
        recipe: Recipe,
        folder: Path,
        accelerator: Accelerator,
        data_root: Path | None,
        skip_bad_images: bool,
        console: Console,
    ) -> Self:
        """Open what the recipe names, telling what was chosen.

        Args:
            recipe: of the run.
            folder: of the run, from where `recipe.division` names a router.
            accelerator: knows the device and the processes.
            data_root: where known sets lie.
            skip_bad_images: leave damaged images out instead of stopping.
            console: where to tell.

        Raises:
            LabeltreeError: whatever the user can mend.
        """
        check_networks(recipe)  # before a large set is read for a misspelt name
        base = load_base(recipe, folder)
        if base is not None:
            return cls._streamed(recipe, base, accelerator, data_root, skip_bad_images, console)
        opened = open_splits(recipe, data_root, skip_bad_images, console)
        recipe = _settled(recipe, opened, console)
        check_networks(recipe)  # again: the images' own size may be what counts
        mean_std = channel_statistics(opened.whole_train)
        splits, division = _divided(recipe, opened, folder, console)
        return cls(
            recipe,
            _with_labels_for(recipe, splits, console),
            opened.whole_train,
            opened.identity,
            opened.skipped,
            mean_std,
            opened.mirror,
            accelerator,
            division,
        )

    @classmethod
    def _streamed(
        cls,
        recipe: Recipe,
        base: Base,
        accelerator: Accelerator,
        data_root: Path | None,
        skip_bad_images: bool,
        console: Console,
    ) -> Self:
        """The same for training that goes on: what the network takes is settled long since."""
        opened = open_splits(recipe, data_root, skip_bad_images, console, base.model.taxonomy)
        shape = base.model.preprocessing
        mirror = opened.mirror and shape.mirror
        recipe = base.settled(recipe, opened.splits.train.taxonomy)
        check_networks(recipe)
        recipe = _unmirrored(recipe, mirror, console)
        old = open_if_there(base, recipe.streaming, data_root, skip_bad_images, console)
        left_out = {} if old is None else known_elsewhere(opened.splits, old)
        for name, positions in left_out.items():
            count = f"{len(positions):,} of {len(getattr(opened.splits, name)):,} new {name} images"
            tell(console, "note", f"{count} are left out: they are old images of another split")
        new = without(opened.splits, left_out)
        train = replayed(new.train, old, recipe, console)
        return cls(
            recipe,
            replace(new, train=train),
            train,
            opened.identity,
            opened.skipped,
            (shape.mean, shape.std),
            mirror,
            accelerator,
            base=base,
            old=old,
            left_out=left_out,
        )

    @cached_property
    def train(self) -> Loader:
        """See the class."""
        return self._loader(self.splits.train, self.recipe.loading, train=True)

    @cached_property
    def train_unchanged(self) -> Loader:
        """See the class."""
        return self._loader(self.splits.train, self.recipe.loading.replace(crops="one"))

    @cached_property
    def validation(self) -> Loader:
        """See the class."""
        return self._loader(self.splits.validation, self.recipe.loading.replace(crops="one"))

    @cached_property
    def validation_views(self) -> Loader:
        """See the class."""
        if self.recipe.loading.crops == "one":
            return self.validation  # whose images may lie in memory
        return self._loader(self.splits.validation, self.recipe.loading)

    @cached_property
    def test(self) -> Loader:
        """See the class."""
        return self._loader(self.splits.test, self.recipe.loading)

    def loader_of(self, part: Collection) -> Loader:
        """Other images as the test split is seen, with the views of `recipe.loading.crops`."""
        return self._loader(part, self.recipe.loading)

    def _loader(self, part: Collection, loading: DataConfig, train: bool = False) -> Loader:
        make = make_view_loader
        if train:
            make = partial(make_loader, train=True, colours_of=self.whole_train)
        return make(
            part,
            loading,
            self.mean_std,
            device=self.accelerator.device,
            seed=self.recipe.training.seed,
            rank=self.accelerator.process_index,
            world_size=self.accelerator.num_processes,
        )


def _settled(recipe: Recipe, opened: Opened, console: Console) -> Recipe:
    """The recipe with what the images and their labels decide."""
    side = image_size_of(opened.whole_train, recipe.loading)
    recipe = recipe.replace(loading=recipe.loading.replace(image_size=side))
    recipe = _unmirrored(recipe, opened.mirror, console)
    method = find_method(recipe.method)
    if method.settle is None:
        return recipe
    options = method.settle(opened.splits.train.taxonomy, method.config(**recipe.method_options))
    # As YAML reads them, so that a resumed run is asked for the same.
    written = options.model_dump(mode="json", exclude_defaults=True)
    return recipe.replace(method_options=written)


def _unmirrored(recipe: Recipe, mirror: bool, console: Console) -> Recipe:
    """The recipe without mirrored images where a mirror would mislead."""
    loading = recipe.loading
    if loading.augment.flip != "none" and not mirror:
        tell(console, "note", "no flip: mirrored, these images would show something else")
        loading = loading.replace(augment=loading.augment.replace(flip="none"))
    crops = settled(loading.crops, mirror)
    if crops != loading.crops:
        tell(console, "note", f"crops {crops}: mirrored, these images would show something else")
        loading = loading.replace(crops=crops)
    return recipe.replace(loading=loading)


def _with_labels_for(recipe: Recipe, splits: Splits, console: Console) -> Splits:
    """The splits with one label for each image if the method takes no more."""
    parts = (splits.train, splits.validation, splits.test)
    if find_method(recipe.method).label_sets or all(part.sets is None for part in parts):
        return splits
    tell(
        console,
        "note",
        f"images have several labels; method {recipe.method} learns what they have in common: "
        "--method multilabel learns each",
    )
    return Splits(*(part.with_one_label() for part in parts))


def _divided(
    recipe: Recipe, opened: Opened, folder: Path, console: Console
) -> tuple[Splits, Division | None]:
    """The splits, with the training images that a router sends if the recipe names one."""
    if recipe.division.router is None:
        return opened.splits, None
    train, division = sent_by_router(recipe, opened, folder)
    if (why := why_undivided(division_record(recipe.division, division))) is not None:
        tell(console, "note", why)
    sent = f"{division.sent:,} training images, {division.misrouted:,} of them of other groups"
    tell(console, "division", f"the router sends {sent}")
    return replace(opened.splits, train=train), division
