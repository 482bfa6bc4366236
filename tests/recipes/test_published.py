"""What the optimiser really meets, step by step, against the numbers of the papers."""

from collections.abc import Callable
from itertools import groupby

import pytest
from torch import nn

from labeltree.recipes import Recipe, densenet100, preresnet164
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
