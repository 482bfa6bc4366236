"""The network of paper 000, against its table and against torchvision's ResNet-34."""

import pytest
import torch
from torch import Tensor, nn
from torchvision import models

from labeltree.backbones import Backbone, make_backbone
from labeltree.backbones.resnet import BasicBlock
from labeltree.methods import METHODS, make_method
from labeltree.taxonomy import Taxonomy

ANIMALS = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])


@pytest.fixture(scope="module")
def network() -> Backbone:
    torch.manual_seed(0)
    return make_backbone("resnet34-maxpool").eval()


def convolutions(module: nn.Module) -> list[nn.Conv2d]:
    return [part for part in module.modules() if isinstance(part, nn.Conv2d)]


def sides(network: Backbone, side: int) -> list[int]:
    maps, found = torch.zeros(1, 3, side, side), []
    with torch.no_grad():
        for stage in network.stages:
            maps = stage(maps)
            found.append(maps.shape[-1])
    return found


def test_table_1(network: Backbone) -> None:
    maps = torch.zeros(1, 3, 224, 224)
    shapes = []
    with torch.no_grad():
        assert network.stages[0][:3](maps).shape == (1, 64, 112, 112)
        for stage in network.stages:
            maps = stage(maps)
            shapes.append(tuple(maps.shape[1:]))
    assert shapes == [(64, 56, 56), (128, 28, 28), (256, 14, 14), (512, 7, 7)]
    blocks = [sum(isinstance(m, BasicBlock) for m in stage) for stage in network.stages]
    assert blocks == [3, 4, 6, 3]


def test_34_weighted_layers(network: Backbone) -> None:
    weighted = [c for c in convolutions(network) if c.kernel_size != (1, 1)]
    assert len(weighted) + 1 == 34  # the classifier is the last; projections are not counted
    assert [c.stride for c in weighted] == [(2, 2)] + 32 * [(1, 1)]
    assert [c.kernel_size for c in weighted] == [(7, 7)] + 32 * [(3, 3)]
    assert sum(isinstance(m, nn.MaxPool2d) for m in network.modules()) == 4


def count(network: Backbone, classes: int) -> int:
    learned = [*network.parameters(), *network.classifier(classes).parameters()]
    return sum(parameter.numel() for parameter in learned)


def test_parameters_by_hand(network: Backbone) -> None:
    def norm(channels: int) -> int:
        return 2 * channels

    total = 3 * 7 * 7 * 64 + norm(64)
    inputs = 64
    for blocks, width in zip((3, 4, 6, 3), (64, 128, 256, 512), strict=True):
        total += 9 * inputs * width + (2 * blocks - 1) * 9 * width * width
        total += 2 * blocks * norm(width)
        if inputs != width:
            total += inputs * width + norm(width)
        inputs = width
    assert count(network, 10) == total + 10 * (512 + 1)


def test_as_many_parameters_as_torchvision(network: Backbone) -> None:
    """Poolings have no weights: where the side is halved does not change their number."""
    theirs = sum(parameter.numel() for parameter in models.resnet34().parameters())
    assert count(network, 1000) == theirs == 21_797_672


def test_it_is_torchvisions_with_poolings_for_strides(network: Backbone) -> None:
    other = models.resnet34()
    for name in ("layer2", "layer3", "layer4"):
        layer = getattr(other, name)
        for convolution in convolutions(layer):
            convolution.stride = (1, 1)
        setattr(other, name, nn.Sequential(nn.MaxPool2d(3, 2, 1), layer))
    own = list(network.state_dict().values())
    theirs = other.state_dict()
    other.load_state_dict(
        dict(zip(theirs, [*own, theirs["fc.weight"], theirs["fc.bias"]], strict=True))
    )
    other.fc = nn.Identity()
    images = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        torch.testing.assert_close(network(images), other.eval()(images))


def test_he_initialisation(network: Backbone) -> None:
    def deviation(weights: Tensor) -> float:
        return float(weights.detach().std())

    for convolution in convolutions(network):
        fan_out = convolution.out_channels * convolution.kernel_size[0] ** 2
        assert deviation(convolution.weight) == pytest.approx((2 / fan_out) ** 0.5, rel=0.05)
        assert convolution.bias is None
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            assert (module.weight == 1).all() and (module.bias == 0).all()


@pytest.mark.parametrize(
    ("side", "expected"), [(1, [1, 1, 1, 1]), (32, [8, 4, 2, 1]), (33, [9, 5, 3, 2])]
)
def test_any_side_is_enough(network: Backbone, side: int, expected: list[int]) -> None:
    assert sides(network, side) == expected


@pytest.mark.parametrize("name", METHODS)
def test_every_method_trains_on_it(name: str) -> None:
    torch.manual_seed(0)
    method = make_method(name, ANIMALS, "resnet34-maxpool")
    images = torch.randn(2, 3, 40, 40, generator=torch.Generator().manual_seed(1))
    method.loss(method(images), torch.tensor([1, 3])).mean().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in method.parameters())
