"""Whether networks can take images of given sizes, asked before training and not during it."""

from __future__ import annotations

import torch

from labeltree.methods import check_names
from labeltree.methods.protocol import Method
from labeltree.recipes import Recipe

_ALWAYS_ENOUGH = 256  # no network that halves its maps five or six times needs a larger side


def check_networks(recipe: Recipe) -> None:
    """Raise ConfigError for what is wrong with a recipe's networks before any image is read.

    That is a name, an option, a backbone that the method cannot train, or images that are too small
    for it, as far as their sizes are known: `training.image_sizes` count, too.
    """
    side = smallest_size(recipe)
    check_names(recipe.method, recipe.backbone, recipe.method_options, side)


def smallest_size(recipe: Recipe) -> int | None:
    """The side of the smallest images that a recipe's networks take; None if nothing tells it yet.

    In pixels.
    """
    sides = [side for _, side in recipe.training.image_sizes]
    if recipe.loading.image_size is not None:
        sides.append(recipe.loading.image_size)
    return min(sides, default=None)


def takes(method: Method, side: int, training: bool = False) -> bool:
    """Whether an image of this side gets through the network; training changes its statistics."""
    if side >= _ALWAYS_ENOUGH and not training:
        return True
    before = method.training
    method.train(training)
    try:
        with torch.no_grad():
            method(torch.zeros(1, 3, side, side))
    except (RuntimeError, ValueError):  # as torch reports a map that has shrunk to nothing
        return False
    finally:
        method.train(before)
    return True
