"""What studies that take any data have in common: choosing the data, and checking its classes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pydantic import Field

from labeltree.configuration import Config
from labeltree.data import Source, open_source, split
from labeltree.errors import DataError
from labeltree.recipes import Recipe, choose_recipe
from labeltree.reports.words import listed, plural

_NAMED = 5  # classes in a message


class DataOptions(Config):
    """Which data."""

    data: str | None = Field(None, description="a known set, a folder or a table")
    categories: Path | None = Field(
        None, description="a table of categories and their classes; others are left out"
    )

    def on(self, recipe: Recipe) -> Recipe:
        """The recipe of a scale with the data that were asked for.

        A recipe that fixes the image size takes any data. Another one is for small images: other
        data get the recipe that suits them, for as many epochs and tested with the same crops.
        """
        if self.data is not None and self.data != recipe.data:
            if recipe.loading.image_size is None:
                own = choose_recipe(self.data, None)
                recipe = own.replace(
                    loading=own.loading.replace(crops=recipe.loading.crops),
                    training=own.training.replace(epochs=recipe.training.epochs),
                )
            recipe = recipe.replace(data=self.data, data_options={})
        if self.categories is not None:
            options = recipe.data_options | {"categories": str(self.categories)}
            recipe = recipe.replace(data_options=options)
        return recipe


def open_checked(recipe: Recipe, data_root: Path | None) -> Source:
    """The recipe's data, when each of its classes can be learned and measured.

    Raises:
        DataError: the data cannot be used, or a class has no test image or fewer than two
            training images.
    """
    source = open_source(recipe.data, data_root, **recipe.data_options)
    shares = recipe.split
    splits = split(source, shares.validation_fraction, shares.test_fraction, shares.seed)
    tree = source.taxonomy
    for name, part, least in (("training", splits.train, 2), ("test", splits.test, 1)):
        counts = np.bincount(part.targets, minlength=tree.num_nodes)[tree.leaves]
        if len(few := np.flatnonzero(counts < least)):
            named = [repr(tree.paths[tree.leaves[leaf]]) for leaf in few[:_NAMED]]
            more = [f"{len(few) - _NAMED} more"] if len(few) > _NAMED else []
            raise DataError(
                f"{source.name}: {listed([*named, *more])} with fewer than "
                f"{plural(least, f'{name} image')}; add images or leave out these classes"
            )
    return source


def full_suffice(source: Source, size: int) -> bool:
    """Whether so many classes have the full (the greatest) number of training images.

    The paper draws from those only. Where every class has a number of its own, they do not
    suffice, and all classes are drawn from.
    """
    tree = source.taxonomy
    images = np.bincount(source.train.targets, minlength=tree.num_nodes)[tree.leaves]
    return int((images == images.max()).sum()) >= size
