"""Recipes: named functions that return one complete, frozen configuration."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from labeltree.errors import ConfigError, suggestion
from labeltree.recipes.photos import finetune, photos
from labeltree.recipes.published import (
    categories34,
    categories_small,
    densenet100,
    preresnet164,
)
from labeltree.recipes.recipe import Recipe
from labeltree.recipes.small_images import digits, digits8, glyphs, resnet18, slim

RECIPES: dict[str, Callable[[str], Recipe]] = {
    "slim": slim,
    "glyphs": glyphs,
    "digits": digits,
    "digits8": digits8,
    "resnet18": resnet18,
    "preresnet164": preresnet164,
    "densenet100": densenet100,
    "categories34": categories34,
    "categories_small": categories_small,
    "photos": photos,
    "finetune": finetune,
}

# The recipe for each known set where none is named; a folder or a table gets `photos`.
DEFAULTS = {
    "glyphs": "glyphs",
    "digits": "digits8",
    "mnist": "digits",
    "cifar10": "slim",
    "cifar100": "slim",
    "tiny-imagenet": "slim",
}


def choose_recipe(data: str, name: str | None = None) -> Recipe:
    """The recipe for `data`: a named one, one in a file, or the default for this kind of data.

    Args:
        data: as on the command line.
        name: a key of `RECIPES` or the path of a `recipe.yaml`; its own `data` is replaced.

    Raises:
        ConfigError: no such recipe.
    """
    name = name or DEFAULTS.get(data.partition(":")[0], "photos")
    if name in RECIPES:
        return RECIPES[name](data)
    if Path(name).suffix in (".yaml", ".yml"):
        return Recipe.from_yaml(Path(name)).replace(data=data)
    hint = suggestion(name, RECIPES, otherwise=f"known: {', '.join(RECIPES)}, or a .yaml file")
    raise ConfigError(f"unknown recipe {name!r}; {hint}")


__all__ = ["DEFAULTS", "RECIPES", "Recipe", "choose_recipe", *RECIPES]
