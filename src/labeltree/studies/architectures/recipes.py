"""The recipe of every network of the study of paper 001, at each scale."""

from __future__ import annotations

from labeltree.data.config import DataConfig
from labeltree.data.splits import SplitConfig
from labeltree.recipes import Recipe
from labeltree.studies.architectures.paper import BATCH, LEARNING_RATE
from labeltree.training import OptimizerConfig, ScheduleConfig, TrainingConfig


def paper() -> Recipe:
    """Section 3.1: a learning rate of 0.0002 throughout, batches of 100, no augmentation.

    `adamw` without weight decay is Adam. One training image in twenty is held out, for the curves.
    """
    return Recipe(
        data="mnist",
        split=SplitConfig(validation_fraction=0.05),
        loading=DataConfig(batch_size=BATCH),
        training=TrainingConfig(
            epochs=1,
            optimizer=OptimizerConfig(name="adamw", learning_rate=LEARNING_RATE, weight_decay=0),
            schedule=ScheduleConfig(name="step", warmup=0, milestones=()),
        ),
    )


def gpu() -> Recipe:
    """Fewer epochs than the paper: so the rate falls to 0, along half a cosine."""
    recipe = paper()
    schedule = ScheduleConfig(name="cosine", warmup=0)
    return recipe.replace(training=recipe.training.replace(schedule=schedule))


def small() -> Recipe:
    """`paper` with a tenth held out, since there are few images."""
    return paper().replace(split=SplitConfig(validation_fraction=0.1))


def smoke() -> Recipe:
    """Small batches and a higher rate, for tiny networks that take few steps."""
    recipe = small()
    optimizer = recipe.training.optimizer.replace(learning_rate=0.005)
    return recipe.replace(
        loading=recipe.loading.replace(batch_size=32),
        training=recipe.training.replace(optimizer=optimizer),
    )
