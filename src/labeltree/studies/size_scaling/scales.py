"""Which networks the study trains at which scale: several draws of classes for each size."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from pydantic import Field

from labeltree.errors import ConfigError, DataError
from labeltree.recipes import Recipe
from labeltree.studies import paper_000
from labeltree.studies.on_data import DataOptions, full_suffice, open_checked
from labeltree.studies.study import Asked, Member, Scale

PAPER_DRAWS = {10: 10, 50: 10, 100: 5, 500: 2, 1000: 1}
"""Number of data sets of each size, section 2.1."""

_DRAWS_OF_A_SEED = 1000


class ScalingOptions(DataOptions):
    """Which data, and how many data sets of which sizes."""

    sizes: tuple[int, ...] | None = Field(None, description="numbers of classes, ascending")
    draws: tuple[int, ...] | None = Field(None, description="data sets of each size")


def _members(recipe: Recipe, draws: dict[int, int], asked: Asked) -> list[Member]:
    """All data sets of the first seed, the smallest first, then those of the next seed."""
    options: ScalingOptions = asked.options
    if options.data not in (None, recipe.data):
        draws = {}
    recipe = options.on(recipe)
    source = open_checked(recipe, asked.data_root)
    num_classes = source.taxonomy.num_leaves
    draws = _asked_draws(options, draws, num_classes, recipe.data)
    parts = [size for size in draws if size < num_classes]
    full = full_suffice(source, max(parts))
    part: dict[str, object] = {"full_classes": True} if full else {}
    members = []
    for seed in range(asked.seeds):
        number = seed * _DRAWS_OF_A_SEED
        for size, count in draws.items():
            for draw in range(count):
                number += 1  # of the whole study: small sets are no parts of the large ones
                chosen: dict[str, object] = {}
                if size < num_classes:
                    chosen = {"classes": size, **part, "subset_seed": number}
                members.append(
                    Member(
                        {"classes": size, "draw": draw, "seed": seed},
                        recipe.replace(
                            data_options=recipe.data_options | chosen,
                            training=recipe.training.replace(seed=number),
                        ),
                    )
                )
    return members


def _asked_draws(
    options: ScalingOptions, default: dict[int, int], num_classes: int, data: str
) -> dict[int, int]:
    """Data sets for each size, checked; `default` is empty for other data than the scale's.

    Raises:
        ConfigError: sizes and draws that do not fit each other.
        DataError: a size that the data do not have.
    """
    sizes = options.sizes
    if num_classes < 3:
        raise DataError(f"{data}: has {num_classes} classes; this study compares several sizes")
    if sizes is None and max(default, default=num_classes + 1) > num_classes:
        steps = np.geomspace(5 if num_classes >= 10 else 2, num_classes, 5)
        sizes = tuple(int(size) for size in np.unique(steps.round()))
    if sizes is None:
        sizes = tuple(default)
    if list(sizes) != sorted(set(sizes)) or len(sizes) < 2 or sizes[0] < 2:
        raise ConfigError(
            f"sizes={list(sizes)}: expected two or more, ascending, from 2 classes up"
        )
    if sizes[-1] > num_classes:
        raise DataError(f"{sizes[-1]} classes asked for; {data} has {num_classes:,}")
    draws = options.draws
    if draws is None:
        usual = (*PAPER_DRAWS.values(), *(1 for _ in sizes))
        draws = tuple(
            1 if size == num_classes else default.get(size, usual[place])
            for place, size in enumerate(sizes)
        )
    if len(draws) != len(sizes) or min(draws) < 1:
        raise ConfigError(
            f"draws={list(draws)} for sizes={list(sizes)}: expected a number from 1 up for each"
        )
    if sizes[-1] == num_classes and draws[-1] > 1:
        raise ConfigError(
            f"{draws[-1]} data sets of all {num_classes:,} classes would be one and the same; give "
            "1, or more --seeds"
        )
    if sum(draws) >= _DRAWS_OF_A_SEED:
        raise ConfigError(
            f"draws={list(draws)}: {sum(draws):,} data sets asked for; expected fewer than "
            f"{_DRAWS_OF_A_SEED:,}"
        )
    return dict(zip(sizes, draws, strict=True))


def _scale(
    description: str, seeds: int, recipe: Callable[[], Recipe], draws: dict[int, int]
) -> Scale:
    return Scale(description, seeds, lambda asked: _members(recipe(), draws, asked))


SCALES: dict[str, Scale] = {
    "smoke": _scale(
        "slim networks on 3 to 30 glyphs of 16 pixels; 1 minute on 2 cores",
        1,
        paper_000.smoke,
        {3: 3, 10: 2, 30: 1},
    ),
    "small": _scale(
        "slim networks on 5 to 100 classes of CIFAR-100, 12 epochs; 20 minutes on 2 cores",
        1,
        paper_000.small,
        {5: 10, 10: 10, 20: 5, 50: 2, 100: 1},
    ),
    "gpu": _scale(
        "ResNet-18 on 5 to 100 classes of CIFAR-100, 20 epochs; meant for 25 minutes on one large "
        "GPU, not yet measured",
        1,
        paper_000.gpu,
        {5: 10, 10: 10, 20: 5, 50: 2, 100: 1},
    ),
    "paper": _scale(
        "the network of table 1 on 10 to 1,000 classes of ImageNet; weeks on one GPU",
        1,
        paper_000.paper,
        PAPER_DRAWS,
    ),
}
