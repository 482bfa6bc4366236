"""How small an image each network takes, and what is said of smaller ones."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from labeltree.backbones import BACKBONES, Backbone, Entry, check_side, make_backbone, outline
from labeltree.backbones.sides import smallest_side
from labeltree.errors import ConfigError

LEAST = {
    "slim": 9,
    "resnet18": 1,
    "densenet100": 4,
    "torchvision:vgg16": 32,
    "torchvision:vgg16+fc1000": 32,
    "torchvision:inception_v3": 75,  # torchvision's table of weights says so, too
    "torchvision:inception_v3+aux": 75,
    "timm:resnet18+fc1000": 1,
    "timm:convnext_tiny": 32,
}


@pytest.mark.parametrize(("name", "least"), LEAST.items())
def test_the_smallest_side(name: str, least: int) -> None:
    check_side(name, least)
    check_side(name, 299)
    for side in {1, least - 1} - {0, least}:
        with pytest.raises(ConfigError) as caught:
            check_side(name, side)
        assert str(caught.value) == (
            f"{name}: images of at least {least} pixels are needed, got {side}; "
            f"--set loading.image_size={least} (and no less in training.image_sizes)"
        )


@pytest.mark.parametrize("name", ["slim", "densenet100"])
def test_the_processor_agrees(name: str) -> None:
    backbone, least = make_backbone(name).eval(), LEAST[name]
    backbone(torch.zeros(1, 3, least, least))
    with pytest.raises(RuntimeError, match="too small"):
        backbone(torch.zeros(1, 3, least - 1, least - 1))


class Broken(nn.Module):
    def forward(self, maps: Tensor) -> Tensor:
        return maps.view(1, 7)


def test_an_error_at_any_side_is_no_matter_of_size(tiny: Callable[..., Backbone]) -> None:
    backbone = tiny().to("meta").eval()
    assert smallest_side(backbone, 2) == 5  # 5 -> 3 -> 1
    backbone.stages.append(Broken())
    with pytest.raises(RuntimeError, match="invalid for input"):
        smallest_side(backbone, 2)


def test_an_outline_costs_no_memory_and_no_random_numbers() -> None:
    outline.cache_clear()
    torch.manual_seed(0)
    expected = torch.rand(1)
    torch.manual_seed(0)
    network = outline("resnet18")
    assert torch.equal(torch.rand(1), expected)
    assert {tensor.device.type for tensor in network.state_dict().values()} == {"meta"}
    assert not any(module.training for module in network.modules())
    assert outline("resnet18") is network


def test_a_network_that_looks_at_values_while_it_builds(
    monkeypatch: pytest.MonkeyPatch, tiny: Callable[..., Backbone]
) -> None:
    def build(_: str) -> Backbone:
        assert torch.linspace(0, 1, 2).tolist() == [0, 1]
        return tiny()

    monkeypatch.setitem(BACKBONES, "curious", Entry("for this test", build, ("curious",)))
    assert {each.device.type for each in outline("curious").parameters()} == {"meta"}
    with pytest.raises(ConfigError, match="curious: images of at least 5 pixels"):
        check_side("curious", 4)
