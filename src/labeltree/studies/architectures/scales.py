"""Which networks the study trains at which scale, on which data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from labeltree.data.loading import image_size_of
from labeltree.recipes import Recipe
from labeltree.studies.architectures import recipes
from labeltree.studies.architectures.networks import Network, check_side, find_networks
from labeltree.studies.architectures.options import (
    ArchitectureOptions,
    data_labels,
    data_names,
    model_names,
)
from labeltree.studies.architectures.paper import (
    CIFAR,
    EPOCHS,
    INCEPTION,
    MNIST,
    NETWORKS,
    RESNET,
    TINY,
    VGG,
)
from labeltree.studies.architectures.weights import check_weights, weight_files
from labeltree.studies.on_data import open_checked
from labeltree.studies.study import Asked, Member, Scale


@dataclass(frozen=True)
class DataSet:
    """One of a scale's own data sets.

    Attributes:
        epochs: of every network.
        options: of the source.
        side: of its images in pixels, for networks that take any; None is their own.
    """

    epochs: float
    options: Mapping[str, Any] = field(default_factory=dict)
    side: int | None = None


@dataclass(frozen=True)
class Plan:
    """What is compared at one scale.

    Attributes:
        recipe: of every network, but for data, epochs, network and image size.
        data: the data sets by name.
        models: names of networks.
        sides: of images in pixels, for networks that get others than usual.
        epochs: on other data.
    """

    recipe: Recipe
    data: Mapping[str, DataSet]
    models: tuple[str, ...]
    sides: Mapping[str, int]
    epochs: float


def members_of(plan: Plan, asked: Asked) -> list[Member]:
    """All networks of a seed before the next seed: a study that is stopped is worth something.

    Raises:
        LabeltreeError: networks, data, weights or an image size that cannot be used.
    """
    options: ArchitectureOptions = asked.options
    names = plan.models if options.models is None else model_names(options.models)
    networks = find_networks(names, plan.sides)
    files = weight_files(options, networks)
    found = [
        (data, network.name, recipe.replace(weights=files.get(network.name)))
        for data, network, recipe in _trained(plan, options, networks, asked.data_root)
    ]
    check_weights(networks, files)
    return [
        Member(
            {"data": data, "model": model, "seed": seed},
            recipe.replace(training=recipe.training.replace(seed=seed)),
        )
        for seed in range(asked.seeds)
        for data, model, recipe in found
    ]


def _trained(
    plan: Plan, options: ArchitectureOptions, networks: Sequence[Network], data_root: Path | None
) -> Iterator[tuple[str, Network, Recipe]]:
    """Every network on every data set, with its recipe, the size of the images checked."""
    names = list(plan.data) if options.data is None else data_names(options.data)
    for name, label in zip(names, data_labels(names), strict=True):
        own = plan.data.get(name, DataSet(plan.epochs))
        training = plan.recipe.training.replace(epochs=options.epochs or own.epochs)
        recipe = plan.recipe.replace(
            data=name,
            data_options=dict(own.options),
            training=training,
            pretrained=options.pretrained,
        )
        train = open_checked(recipe, data_root).train
        usual = own.side or image_size_of(train, recipe.loading)
        for network in networks:
            side = options.image_size or network.side or usual
            check_side(network, side)
            loading = recipe.loading.replace(image_size=side)
            yield label, network, recipe.replace(backbone=network.backbone, loading=loading)


def _scale(description: str, seeds: int, plan: Plan, jobs: int | None = None) -> Scale:
    return Scale(description, seeds, lambda asked: members_of(plan, asked), jobs)


_PAPER = tuple(NETWORKS)
_REDUCED = {VGG: 32, INCEPTION: 75, RESNET: 32}
_SHUFFLE_NET = "torchvision:shufflenet_v2_x0_5+fc1000"

SCALES: Mapping[str, Scale] = {
    "smoke": _scale(
        "three tiny networks on 12 glyphs of 16 pixels and on scikit-learn's 1,797 digits, 3 "
        "epochs; under 2 minutes on 2 cores",
        2,
        Plan(
            recipes.smoke(),
            {
                "glyphs:12": DataSet(3, {"size": 16, "images_per_class": 200}),
                "digits": DataSet(3, side=16),
            },
            ("slim-w32", "resnet18-w8", _SHUFFLE_NET),
            {**_REDUCED, _SHUFFLE_NET: 32},
            epochs=3,
        ),
    ),
    "small": _scale(
        "the paper's networks on images of 32 pixels instead of 224, Inception-v3 on the smallest "
        "that it takes, 75 instead of 299; 250 training images of each class of MNIST in 3 epochs "
        "and of CIFAR-10 in 4, all test images; 58 minutes on 2 cores with some work beside them",
        3,
        Plan(
            recipes.small(),
            {
                MNIST: DataSet(3, {"images_per_class": 250}),
                CIFAR: DataSet(4, {"images_per_class": 250}),
            },
            _PAPER,
            _REDUCED,
            epochs=4,
        ),
    ),
    "gpu": _scale(
        "the paper's networks and sizes, 224 pixels and 299 for Inception-v3, on all of MNIST in 3 "
        "epochs and CIFAR-10 in 12, half of the paper's, in bfloat16, the rate falling to 0; meant "
        "for 25 minutes on one large GPU, not yet measured",
        1,
        Plan(
            recipes.gpu(),
            {MNIST: DataSet(3), CIFAR: DataSet(12)},
            _PAPER,
            {},
            epochs=12,
        ),
        jobs=1,
    ),
    "paper": _scale(
        "as published: the paper's networks on MNIST, CIFAR-10 and Tiny-ImageNet in 6, 25 and 30 "
        "epochs, 224 pixels and 299 for Inception-v3",
        3,
        Plan(
            recipes.paper(),
            {name: DataSet(EPOCHS[name]) for name in (MNIST, CIFAR, TINY)},
            _PAPER,
            {},
            epochs=EPOCHS[CIFAR],
        ),
        jobs=1,
    ),
}
