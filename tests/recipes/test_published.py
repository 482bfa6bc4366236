"""What the optimiser really meets, step by step, against the numbers of the papers."""

from collections.abc import Callable
from itertools import groupby

import pytest
import torch
from torch import nn

from labeltree.recipes import (
    Recipe,
    categories34,
    categories_small,
    densenet100,
    preresnet164,
)
from labeltree.training.optimizers import make_optimizer
from labeltree.training.schedules import SCHEDULES

CIFAR = 50_000


def iterations(recipe: Recipe) -> int:
    """As the loop counts them: whole batches of what is not held out."""
    per_epoch = round(CIFAR * (1 - recipe.split.validation_fraction)) // recipe.loading.batch_size
    return round(recipe.training.epochs * per_epoch)


def rate(recipe: Recipe, iteration: int) -> float:
    training = recipe.training
    share = SCHEDULES[training.schedule.name](iteration / iterations(recipe), training.schedule)
    return share * training.optimizer.learning_rate


def constant_parts(recipe: Recipe, start: int) -> list[tuple[float, int]]:
    """Each learning rate from `start` on, rounded, and for how many iterations it holds."""
    rates = (round(rate(recipe, i), 6) for i in range(start, iterations(recipe)))
    return [(value, len(list(steps))) for value, steps in groupby(rates)]


def test_preresnet164_has_the_iterations_of_he_et_al_2016() -> None:
    recipe = preresnet164("cifar100")
    assert recipe.loading.batch_size == 128
    assert iterations(recipe) == pytest.approx(64_000, rel=0.002)
    parts = constant_parts(recipe, start=400)
    assert [value for value, _ in parts] == [0.1, 0.01, 0.001]
    assert [count for _, count in parts] == pytest.approx([31_600, 16_000, 16_000], rel=0.003)
    assert rate(recipe, 0) == pytest.approx(0.01)
    assert rate(recipe, 398) < 0.1


def test_densenet100_has_the_epochs_of_huang_et_al_2017() -> None:
    recipe = densenet100("cifar100")
    assert (recipe.loading.batch_size, recipe.training.epochs) == (64, 300)
    epoch = iterations(recipe) // 300
    assert constant_parts(recipe, start=0) == [
        (0.1, 150 * epoch),
        (0.01, 75 * epoch),
        (0.001, 75 * epoch),
    ]


@pytest.mark.parametrize("make", [preresnet164, densenet100])
def test_both_are_optimised_and_augmented_alike(make: Callable[[str], Recipe]) -> None:
    recipe = make("cifar100")
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))
    (group,) = make_optimizer(model, recipe.training.optimizer).param_groups
    assert len(group["params"]) == 4  # norms and biases are decayed as well
    settings = ("lr", "weight_decay", "momentum", "nesterov", "dampening")
    assert [group[key] for key in settings] == [0.1, 1e-4, 0.9, True, 0]
    augment = recipe.loading.augment
    assert (augment.flip, augment.crop_padding, augment.padding) == ("random", 4, "zeros")
    assert augment.random_resized_crop is None and augment.colour_jitter == 0
    assert recipe.training.label_smoothing == recipe.training.ema_decay == 0
    assert recipe.training.image_sizes == ()


@pytest.mark.parametrize("make", [categories34, categories_small])
def test_categories_are_optimised_and_augmented_as_paper_000_says(
    make: Callable[[str], Recipe],
) -> None:
    recipe = make("cifar100")
    optimizer = make_optimizer(nn.Linear(2, 2), recipe.training.optimizer)
    assert isinstance(optimizer, torch.optim.RMSprop)
    for group in optimizer.param_groups:
        assert [group[key] for key in ("alpha", "momentum", "centered")] == [0.999, 0, False]
    augment = recipe.loading.augment
    assert augment.pca_colour == 0.1
    assert augment.random_resized_crop and not augment.crop_padding and not augment.colour_jitter
    assert recipe.loading.crops == "ten"
    assert recipe.training.label_smoothing == recipe.training.ema_decay == 0
    assert recipe.method == "flat"


def test_categories34_has_the_network_and_the_crops_of_paper_000() -> None:
    recipe = categories34("photos")
    assert (recipe.backbone, recipe.loading.image_size) == ("resnet34-maxpool", 224)
    assert recipe.loading.augment.random_resized_crop == 0.08
    assert recipe.training.image_sizes == ()


def test_the_first_steps_of_rmsprop_are_warmed_up() -> None:
    """Without a correction for its start its steps are up to 32 rates long."""
    recipe = categories34("photos")
    training = recipe.training
    share = SCHEDULES[training.schedule.name]
    steps = 100 * 13_000 // 128  # of ten classes of ImageNet
    longest = max(
        share(step / steps, training.schedule) / (1 - 0.999 ** (step + 1)) ** 0.5
        for step in range(steps)
    )
    assert longest < 2


def test_the_small_one_differs_in_what_its_docstring_says() -> None:
    large, small = categories34("cifar100"), categories_small("cifar100")
    assert set(small.differences(large)) == {
        "backbone",
        "loading.image_size",
        "loading.augment.random_resized_crop",
        "training.epochs",
        "training.image_sizes",
        "training.optimizer.learning_rate",
    }
