import pytest
import torch
from torch import nn
from torchvision import models

from labeltree.backbones import make_backbone
from labeltree.errors import ConfigError


def count(name: str, classes: int) -> int:
    backbone = make_backbone(name)
    learned = [*backbone.parameters(), *backbone.classifier(classes).parameters()]
    return sum(parameter.numel() for parameter in learned)


def test_published_counts() -> None:
    assert count("resnet18", 100) == 11_220_132  # weiaicunzai: 11.22 M
    assert count("resnet18", 10) == 11_173_962  # kuangliu
    assert round(count("resnet34", 100) / 1e6, 1) == 21.3


@pytest.mark.parametrize("name", ["resnet18", "resnet34"])
def test_as_many_as_torchvision_but_for_the_stem(name: str) -> None:
    theirs = sum(parameter.numel() for parameter in models.get_model(name).parameters())
    assert count(name, 1000) == theirs - 3 * 64 * (7 * 7 - 3 * 3)


def test_stages_keep_then_halve_the_side() -> None:
    maps = torch.zeros(1, 3, 32, 32)
    shapes = []
    for stage in make_backbone("resnet18").eval().stages:
        maps = stage(maps)
        shapes.append(tuple(maps.shape[1:]))
    assert shapes == [(64, 32, 32), (128, 16, 16), (256, 8, 8), (512, 4, 4)]


def test_blocks_start_as_the_identity() -> None:
    block = make_backbone("resnet18").stages[0][-1]
    maps = torch.rand(2, 64, 8, 8)
    torch.testing.assert_close(block(maps), maps)


def test_64_channels_are_resnet18_and_twice_as_many_weigh_four_times() -> None:
    usual, same, wide = (
        make_backbone(name) for name in ("resnet18", "resnet18-w64", "resnet18-w128")
    )
    shapes = [{n: v.shape for n, v in network.state_dict().items()} for network in (usual, same)]
    assert shapes[0] == shapes[1]
    assert wide.num_features == 1024
    many, few = (
        sum(m.weight.numel() for m in network.modules() if isinstance(m, nn.Conv2d))
        for network in (wide, usual)
    )
    stem = 3 * 9 * 64  # three channels come in whatever the width
    assert many - 2 * stem == 4 * (few - stem)


def test_a_width_that_is_no_number_is_refused() -> None:
    with pytest.raises(ConfigError, match="expected a whole number from 1 up"):
        make_backbone("resnet18-w")
