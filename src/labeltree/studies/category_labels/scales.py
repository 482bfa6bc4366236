"""Which networks the study trains at which scale."""

from __future__ import annotations

from collections.abc import Callable

from labeltree.errors import DataError
from labeltree.recipes import Recipe
from labeltree.studies import paper_000
from labeltree.studies.category_labels.schemes import CLASS, COMBINED
from labeltree.studies.on_data import open_checked
from labeltree.studies.study import Asked, Member, Scale

SCHEMES: dict[str, str] = {CLASS: "flat", COMBINED: "category_labels"}
"""Names of table 5's rows and the methods behind them."""


def _members(recipe: Recipe, asked: Asked) -> list[Member]:
    """Both schemes of a seed before the next seed: a study that is stopped is worth something."""
    recipe = asked.options.on(recipe)
    source = open_checked(recipe, asked.data_root)
    if source.taxonomy.depth < 2:
        raise DataError(
            f"{source.name}: its labels have one level only; this study adds those of the "
            "categories: give a table of categories and their classes with --set categories=FILE"
        )
    return [
        Member(
            {"scheme": scheme, "seed": seed},
            recipe.replace(method=method, training=recipe.training.replace(seed=seed)),
        )
        for seed in range(asked.seeds)
        for scheme, method in SCHEMES.items()
    ]


def _scale(description: str, seeds: int, recipe: Callable[[], Recipe]) -> Scale:
    return Scale(description, seeds, lambda asked: _members(recipe(), asked))


SCALES: dict[str, Scale] = {
    "smoke": _scale(
        "slim networks on glyphs of 16 pixels; 1.5 minutes on 2 cores", 3, paper_000.smoke
    ),
    "small": _scale(
        "slim networks on CIFAR-100, its 20 superclasses as categories, 12 epochs; half an hour "
        "on 2 cores",
        3,
        paper_000.small,
    ),
    "gpu": _scale(
        "ResNet-18 on CIFAR-100, 20 epochs; meant for 20 minutes on a large GPU, not yet measured",
        5,
        paper_000.gpu,
    ),
    "paper": _scale(
        "the network of table 1 on the paper's 10 × 10 classes of ImageNet; days on one GPU",
        3,
        paper_000.paper_categories,
    ),
}
