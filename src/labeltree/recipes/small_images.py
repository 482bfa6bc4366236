"""Recipes for images of about 32 pixels: the known sets."""

from __future__ import annotations

from labeltree.data.config import AugmentConfig, DataConfig
from labeltree.data.splits import SplitConfig
from labeltree.recipes.recipe import Recipe
from labeltree.training import OptimizerConfig, TrainingConfig


def slim(data: str) -> Recipe:
    """The 0.5 M-parameter residual net for CPUs, small images first.

    SGD with Nesterov momentum, one cycle, label smoothing, shift ±2, alternating flip, image side
    20 → 24 → 32, after Page's "How to train your ResNet" and Jordan's airbench (arXiv 2404.00498).
    Measured scores stand in the README's table, with their records in `results/`.
    """
    return Recipe(
        data=data,
        backbone="slim",
        split=SplitConfig(validation_fraction=0.05),
        loading=DataConfig(
            batch_size=256, augment=AugmentConfig(crop_padding=2, flip="alternating")
        ),
        training=TrainingConfig(
            epochs=18,
            optimizer=OptimizerConfig(learning_rate=0.3, weight_decay=5e-4),
            label_smoothing=0.1,
            image_sizes=((0.3, 20), (0.6, 24)),
        ),
    )


def glyphs(data: str) -> Recipe:
    """`slim` for characters, which a mirror would spoil: no flip; the demo's recipe."""
    recipe = slim(data)
    return recipe.replace(
        split=SplitConfig(validation_fraction=0.1),
        loading=DataConfig(batch_size=128, augment=AugmentConfig(crop_padding=2)),
        training=recipe.training.replace(epochs=12, image_sizes=()),
    )


def digits(data: str) -> Recipe:
    """`glyphs` for MNIST: few epochs are enough."""
    recipe = glyphs(data)
    return recipe.replace(training=recipe.training.replace(epochs=5))


def digits8(data: str) -> Recipe:
    """`glyphs` for scikit-learn's digits: 8 × 8 pixels, enlarged to 16 for `slim`'s halvings.

    97.8 % of 180 test images in one run (seed 0), trained for 39 s on two shared cores:
    `labeltree train digits`.
    """
    recipe = glyphs(data)
    loading = recipe.loading.replace(image_size=16, augment=AugmentConfig(crop_padding=1))
    return recipe.replace(loading=loading)


def resnet18(data: str) -> Recipe:
    """CIFAR-style ResNet-18 for a GPU: He et al. 2016's augmentation, one cycle.

    Not yet measured in this project: no GPU was at hand.
    """
    return Recipe(
        data=data,
        backbone="resnet18",
        loading=DataConfig(batch_size=256, augment=AugmentConfig(crop_padding=4, flip="random")),
        training=TrainingConfig(
            epochs=60,
            optimizer=OptimizerConfig(learning_rate=0.2, weight_decay=5e-4),
            label_smoothing=0.1,
        ),
    )
