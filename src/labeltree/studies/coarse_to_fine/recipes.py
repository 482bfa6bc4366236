"""The recipe of every network of the study of paper 004, at each scale."""

from __future__ import annotations

from labeltree.recipes import Recipe, glyphs, resnet18, slim
from labeltree.training import OptimizerConfig

PAPER = "Popescu: CIFAR 100 ATNN Project, 2024 (paper 004)"


def smoke() -> Recipe:
    """Slim networks on 16-pixel glyphs, in seconds each."""
    recipe = glyphs("glyphs:12")
    return recipe.replace(
        data_options={"size": 16, "images_per_class": 300},
        loading=recipe.loading.replace(batch_size=32),
        training=recipe.training.replace(
            epochs=8, optimizer=OptimizerConfig(learning_rate=0.1, weight_decay=5e-4)
        ),
    )


def small() -> Recipe:
    """Slim networks on CIFAR-100, in batches of 32 so that experts of few images take steps."""
    recipe = slim("cifar100")
    return recipe.replace(
        loading=recipe.loading.replace(batch_size=32),
        training=recipe.training.replace(
            epochs=6, optimizer=OptimizerConfig(learning_rate=0.05, weight_decay=5e-4)
        ),
    )


def gpu() -> Recipe:
    """ResNets on CIFAR-100 in a third of their usual epochs."""
    recipe = resnet18("cifar100")
    return recipe.replace(training=recipe.training.replace(epochs=20))


def paper() -> Recipe:
    """30 epochs of every network: the paper's 120 for a router and three experts.

    It names no optimiser, batch size or augmentation; these are `resnet18`'s.
    """
    recipe = resnet18("cifar100")
    return recipe.replace(training=recipe.training.replace(epochs=30))
