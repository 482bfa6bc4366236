"""Which networks the study trains at which scale."""

from __future__ import annotations

from collections.abc import Mapping

from labeltree.recipes import Recipe, densenet100, glyphs, preresnet164, slim
from labeltree.studies.study import Member, Scale
from labeltree.training import OptimizerConfig, ScheduleConfig

VARIANTS: dict[str, int | str] = {
    "separate": "separate",
    "merge-0": 0,
    "merge-1": 1,
    "merge-2": 2,
    "merge-3": 3,
}
"""Figure 2 (c–g) and the merge point of each; all networks here have three stages."""


def _members(networks: Mapping[str, Recipe], seeds: int) -> list[Member]:
    """All variants of a seed before the next seed: a study that is stopped is worth something."""
    return [
        Member(
            {"network": network, "variant": variant, "seed": seed},
            recipe.replace(
                method="merged",
                method_options={"merge_point": merge_point},
                training=recipe.training.replace(seed=seed),
            ),
        )
        for seed in range(seeds)
        for network, recipe in networks.items()
        for variant, merge_point in VARIANTS.items()
    ]


def _smoke() -> dict[str, Recipe]:
    recipe = glyphs("glyphs")
    return {
        "slim": recipe.replace(
            data_options={"classes": 30, "size": 16},
            loading=recipe.loading.replace(batch_size=32),
            training=recipe.training.replace(epochs=8),
        )
    }


def _small() -> dict[str, Recipe]:
    recipe = slim("cifar100")
    return {"slim": recipe.replace(training=recipe.training.replace(epochs=6))}


def _gpu() -> dict[str, Recipe]:
    """The paper's networks in a few epochs: large batches and one cycle instead of steps."""

    def shortened(recipe: Recipe) -> Recipe:
        return recipe.replace(
            loading=recipe.loading.replace(batch_size=512),
            training=recipe.training.replace(
                epochs=8,
                optimizer=OptimizerConfig(learning_rate=0.4, weight_decay=1e-4),
                schedule=ScheduleConfig(),
            ),
        )

    return {name: shortened(recipe) for name, recipe in _paper().items()}


def _paper() -> dict[str, Recipe]:
    return {"preresnet164": preresnet164("cifar100"), "densenet100": densenet100("cifar100")}


SCALES: dict[str, Scale] = {
    "smoke": Scale(
        "slim networks on glyphs of 16 pixels; 2 minutes on 2 cores",
        2,
        lambda asked: _members(_smoke(), asked.seeds),
    ),
    "small": Scale(
        "slim networks on CIFAR-100, 6 epochs; within an hour on 2 cores",
        4,
        lambda asked: _members(_small(), asked.seeds),
    ),
    "gpu": Scale(
        "ResNet-164 and DenseNet-100-BC on CIFAR-100, 8 epochs; meant for 25 minutes on one large "
        "GPU, not yet measured",
        3,
        lambda asked: _members(_gpu(), asked.seeds),
    ),
    "paper": Scale(
        "ResNet-164 (182 epochs) and DenseNet-100-BC (300 epochs) on 45,000 images of CIFAR-100, "
        "else as published; days",
        5,
        lambda asked: _members(_paper(), asked.seeds),
    ),
}
