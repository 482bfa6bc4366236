"""What paper 001 says: table 1 typed from the scan, and what its text makes of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from torch import nn

from labeltree.studies.architectures import recipes
from labeltree.studies.architectures.paper import (
    AUXILIARY_PARAMETERS,
    BATCH,
    CIFAR,
    EPOCHS,
    INCEPTION,
    LEARNING_RATE,
    MNIST,
    NETWORKS,
    RESNET,
    TABLE_1,
    TINY,
    VGG,
)
from labeltree.training.optimizers import make_optimizer
from labeltree.training.schedules import Schedule

SEEDS = Path(__file__).parents[3] / "shared" / "seeds"

# As printed, columns apart by bars.
PRINTED = """
||Vgg16|InceptionV3|ResNet50
Dataset Accuracy|MNIST|Top-1 Accuracy|0.9916|0.9923|0.9923
||Top-5 Accuracy|1.0000|0.9999|0.9999
|CIFAR|Top-1 Accuracy|0.7878|0.8141|0.8081
||Top-5 Accuracy|0.9810|0.9881|0.9899
|Tiny-ImageNet|Top-1 Accuracy|0.2458|0.3669|0.2906
||Top-5 Accuracy|0.4829|0.6201|0.5557
"""


def scan() -> str:
    scans = list(SEEDS.glob("001_*.txt"))
    if not scans:
        pytest.skip("the papers are not at hand")
    return scans[0].read_text(encoding="utf-8")


def test_table_1() -> None:
    head, *lines = (line.split("|") for line in PRINTED.strip().splitlines())
    models = [name.lower() for name in head[2:]]
    assert models == [name.replace("_", "") for name in NETWORKS]
    found: dict[tuple[str, str], tuple[float, ...]] = {}
    names = {"MNIST": MNIST, "CIFAR": CIFAR, "Tiny-ImageNet": TINY}
    data = ""
    for _, name, _, *cells in lines:
        data = names.get(name, data)
        for model, cell in zip(NETWORKS, cells, strict=True):
            found[data, model] = (*found.get((data, model), ()), float(cell))
    assert found == TABLE_1


def test_it_is_the_scan_s() -> None:
    lines = re.sub(r"\t", "|", scan()).splitlines()
    rows = PRINTED.strip().splitlines()
    start = next(place for place, line in enumerate(lines) if line.startswith(rows[1]))
    assert lines[start : start + 6] == rows[1:]
    assert "Vgg16|InceptionV3|ResNet50" in lines[start - 1]


@pytest.mark.parametrize(
    "quoted",
    [
        "a learning rate of 0.0002, a batch size of 100, and no data augmentation",
        "an extra fully connected layer was added with the number of outputs",
        "found to have the smallest weights, and trained quickly",
        "generally found to train the quickest",
        "1000/1000 [19:25<00:00, 1.17s/it]",
        "Epoch 1 of 25 with 1165.77 s",
        "resized to the required model input size (224 for VGG and ResNet, 299 for Inception)",
        "Class 1 (aeroplane) was often misclassified as 9 (truck)",
        "0. aeroplane",
        "**Figure 3:** CIFAR-10 training accuracy, loss and epoch time",
        "From the training accuracy and loss plots in Figure 5, it can be seen that ResNet reached",
        "Yorkshire retriever",
        "closely followed by ResNet 50",
        "the true class was in the top-5 predicted classes nearly 100% of the time",
        "the models were trained for 6 epochs",
    ],
)
def test_what_is_quoted_stands_there(quoted: str) -> None:
    assert quoted in " ".join(scan().split())


@pytest.mark.parametrize("word", ["Adam", "SGD", "RMSProp", "cross-entropy", "pretrained model"])
def test_neither_optimiser_nor_loss_is_named(word: str) -> None:
    assert word.lower() not in scan().lower()


def test_figure_1_is_of_100_000_images() -> None:
    """The accuracies it shows are shares of whole images of Tiny-ImageNet, not of CIFAR-10."""
    shown = (0.94795, 0.95432)  # five decimals: whole images of 100,000
    right = [round(accuracy * 100_000) for accuracy in shown]
    assert right == [94_795, 95_432]
    assert right[0] % 2 == 1, "half as many are no whole number of 50,000"


def test_the_networks_have_the_weights_that_the_docstring_counts() -> None:
    import torch
    from torchvision import models

    counts = {}
    for name in NETWORKS:
        with torch.device("meta"):
            options = {"init_weights": False} if name == INCEPTION else {}
            network = models.get_model(name, weights=None, **options)
        counts[name] = sum(one.numel() for one in network.parameters())
        if name == INCEPTION:
            auxiliary = sum(one.numel() for one in network.AuxLogits.parameters())
    assert auxiliary == AUXILIARY_PARAMETERS
    millions = {name: round(count / 1e6, 1) for name, count in counts.items()}
    assert millions == {VGG: 138.4, INCEPTION: 27.2, RESNET: 25.6}
    assert round((counts[INCEPTION] - auxiliary) / 1e6, 1) == 23.8


def test_the_recipe_is_section_3_1_s() -> None:
    recipe = recipes.paper()
    assert recipe.loading.batch_size == BATCH == 100 and not any(
        (recipe.loading.augment.crop_padding, recipe.loading.augment.random_resized_crop)
    )
    assert recipe.loading.augment.flip == "none" and recipe.training.label_smoothing == 0
    optimizer = make_optimizer(nn.Linear(2, 2), recipe.training.optimizer)
    assert {group["weight_decay"] for group in optimizer.param_groups} == {0}
    schedule = Schedule(optimizer, recipe.training.schedule, 10)
    for _ in range(10):
        assert schedule.learning_rate == LEARNING_RATE == 0.0002
        optimizer.step()
        schedule.after_step()
    assert list(EPOCHS.values()) == [6, 25, 30]
