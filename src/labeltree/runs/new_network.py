"""A fresh network for a recipe."""

from __future__ import annotations

import torch
from accelerate.utils import set_seed

from labeltree.data.collection import Collection
from labeltree.data.loading import MeanStd, make_loader
from labeltree.methods import make_method
from labeltree.methods.protocol import Method
from labeltree.recipes import Recipe
from labeltree.runs.image_sizes import check_image_sizes
from labeltree.taxonomy import Taxonomy

_IMAGES_TO_PREPARE = 4096


def new_method(recipe: Recipe, images: Collection, mean_std: MeanStd) -> Method:
    """A network as the recipe's seed makes it, its fitted layers fitted to training images."""
    method = unfitted_method(recipe, images.taxonomy, len(images))
    # As evaluation sees them: in the same order and on the same device whatever trains later.
    sample = images.subset(range(0, len(images), -(-len(images) // _IMAGES_TO_PREPARE)))
    loader = make_loader(
        sample, recipe.loading, mean_std, train=False, device="cpu", seed=recipe.training.seed
    )
    method.prepare(torch.cat([batch for batch, _ in loader.batches(0)]))
    return method


def unfitted_method(recipe: Recipe, taxonomy: Taxonomy, num_images: int) -> Method:
    """A network as the recipe's seed makes it.

    Raises:
        ConfigError: it cannot be built, or cannot learn from so many images of the recipe's sizes.
    """
    set_seed(recipe.training.seed)
    method = make_method(
        recipe.method,
        taxonomy,
        recipe.backbone,
        recipe.method_options,
        weights=recipe.weights,
        pretrained=recipe.pretrained,
    )
    check_learns(method, recipe, num_images)
    return method


def check_learns(method: Method, recipe: Recipe, num_images: int) -> None:
    """Raise ConfigError if a network cannot learn from so many images of the recipe's sizes."""
    assert recipe.loading.image_size is not None
    progressive = [side for _, side in recipe.training.image_sizes]
    sides = [recipe.loading.image_size, *progressive]
    batch = min(recipe.loading.batch_size, num_images)
    if recipe.streaming.frozen_batch_norm:
        batch = max(batch, 2)  # one image will do: nothing is taken from the batch
    check_image_sizes(method, recipe.backbone, sides, batch)
