"""A fresh network for a recipe."""

from __future__ import annotations

from copy import deepcopy

import torch
from accelerate.utils import set_seed

from labeltree.data.collection import Collection
from labeltree.data.loading import MeanStd, make_loader
from labeltree.errors import ConfigError
from labeltree.methods import make_method
from labeltree.methods.protocol import Method
from labeltree.recipes import Recipe
from labeltree.runs.image_sizes import smallest_size, takes
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
        ConfigError: it cannot be built, or cannot learn from so few images.
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
    """Raise ConfigError if batches are single images that leave nothing to normalise by.

    Args:
        method: on the CPU.
        recipe: with the image size settled, large enough for the network (`check_networks`).
        num_images: to learn from.
    """
    side = smallest_size(recipe)
    assert side is not None
    batch = min(recipe.loading.batch_size, num_images)
    if batch > 1 or recipe.streaming.frozen_batch_norm:  # frozen, it takes nothing from the batch
        return
    if not takes(deepcopy(method), side, training=True):
        raise ConfigError(
            f"{recipe.backbone} cannot learn from one image of {side} × {side} pixels at a time; "
            "raise loading.batch_size or loading.image_size"
        )
