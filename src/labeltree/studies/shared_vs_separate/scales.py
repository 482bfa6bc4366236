"""Which networks the study trains at which scale.

The natural division is the data's own: its top branches (or `categories`) with their classes. The
control is a division at random into as many groups: of as many classes drawn from the whole set,
as in the paper, where it has more classes than the categories hold; else of the same classes, so
that one shared network serves both divisions (where the data bring their own test images).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from labeltree.data import Source, open_source
from labeltree.data.scope import ScopeConfig
from labeltree.errors import DataError
from labeltree.recipes import Recipe
from labeltree.studies import paper_000
from labeltree.studies.on_data import full_suffice, open_checked
from labeltree.studies.study import Asked, Member, Scale

NATURAL, RANDOM = "natural", "random"
SHARED = "shared"
"""The label of a shared network where those of a separate one have the name of its category."""

_NARROWING = ("categories", "classes", "full_classes")


def _members(recipe: Recipe, asked: Asked) -> list[Member]:
    """For each seed the shared network and both divisions' separate ones."""
    recipe = asked.options.on(recipe)
    source = open_checked(recipe, asked.data_root)
    categories = _categories(source)
    control, own = _control(recipe, source, asked.data_root)
    members = []
    for seed in range(asked.seeds):
        training = recipe.training.replace(seed=seed)
        dealt = {"random_groups": len(categories), "subset_seed": seed}
        natural = recipe.replace(training=training)
        random = natural.replace(data_options=control | dealt)
        groups = _categories(open_checked(random, asked.data_root))
        members += _networks(NATURAL, natural, categories, seed, shared=True)
        members += _networks(RANDOM, random, groups, seed, shared=own)
    return members


def _control(recipe: Recipe, source: Source, data_root: Path | None) -> tuple[dict[str, Any], bool]:
    """Data options of the random division, and whether it needs a shared network of its own.

    It does if it may hold other classes, or if the test images are set aside here: which ones
    depends a little on the tree.
    """
    whole = {key: value for key, value in recipe.data_options.items() if key not in _NARROWING}
    own_test = source.test is None
    if whole == recipe.data_options:
        return whole, own_test
    everything = open_source(recipe.data, data_root, **whole)
    size = source.taxonomy.num_leaves
    if everything.taxonomy.num_leaves == size:
        return whole, own_test
    full = {"full_classes": True} if full_suffice(everything, size) else {}
    return whole | full | {"classes": size}, True


def _networks(
    division: str, recipe: Recipe, categories: Iterable[str], seed: int, shared: bool
) -> list[Member]:
    whole = [Member({"division": division, "network": SHARED, "seed": seed}, recipe)]
    return (whole if shared else []) + [
        Member(
            {"division": division, "network": category, "seed": seed},
            recipe.replace(scope=ScopeConfig(branch=category)),
        )
        for category in categories
    ]


def _categories(source: Source) -> list[str]:
    """Names of the top branches.

    Raises:
        DataError: there is no second level, or a category has one class only.
    """
    tree = source.taxonomy
    top = np.arange(*tree.level(1).indices(tree.num_nodes))
    if single := [tree.paths[node] for node in top if tree.leaf_counts[node] < 2]:
        named = ", ".join(map(repr, single[:5])) + (", …" if len(single) > 5 else "")
        raise DataError(
            f"{source.name}: {len(single)} of {len(top)} categories have one class only ({named}); "
            "a category needs two or more to be told apart: give a table of categories and their "
            "classes with --set categories=FILE"
        )
    if len(top) < 2:
        raise DataError(f"{source.name}: has one category only; this study compares several")
    if SHARED in (names := [tree.paths[node] for node in top]):
        raise DataError(
            f"{source.name}: a category is named {SHARED!r}, as the network for all; rename it"
        )
    return names


def _scale(description: str, seeds: int, recipe: Callable[[], Recipe]) -> Scale:
    return Scale(description, seeds, lambda asked: _members(recipe(), asked))


SCALES: Mapping[str, Scale] = {
    "smoke": _scale(
        "slim networks on 30 glyphs of 16 pixels in 5 families; 2 minutes on 2 cores",
        2,
        paper_000.smoke,
    ),
    "small": _scale(
        "slim networks on CIFAR-100, its 20 superclasses against 20 random groups of 5 classes, 12 "
        "epochs; within an hour on 2 cores",
        3,
        paper_000.small,
    ),
    "gpu": _scale(
        "ResNet-18 on CIFAR-100, as small, 20 epochs; meant for 25 minutes on one large GPU, not "
        "yet measured",
        3,
        paper_000.gpu,
    ),
    "paper": _scale(
        "the network of table 1 on the paper's 10 × 10 classes of ImageNet and on 100 random "
        "classes in 10 random groups; weeks on one GPU",
        1,
        paper_000.paper_categories,
    ),
}
