"""The cut network against the library's own forward pass."""

import pytest
import timm
import torch
from torch import Tensor, nn
from torchvision import models

from labeltree.backbones import Backbone, make_backbone
from labeltree.backbones.cutting import cut_into_stages
from labeltree.errors import ConfigError

TIMM = {
    "resnet18": 4,
    "resnet50": 4,
    "densenet121": 4,
    "mobilenetv3_small_100": 4,
    "efficientnet_b0": 5,
    "convnext_tiny": 4,
    "inception_v3": 5,
    "dpn68": 4,
    "resnetv2_50": 4,
    "regnety_002": 4,
}
TORCHVISION = {
    "resnet18": 4,
    "densenet121": 4,
    "mobilenet_v3_small": 4,
    "shufflenet_v2_x0_5": 3,
    "googlenet": 4,
    "inception_v3": 5,
}


def images(side: int = 96) -> Tensor:
    return torch.randn(2, 3, side, side, generator=torch.Generator().manual_seed(0))


def trained_looking(network: nn.Module) -> nn.Module:
    """Batch norms that start at zero would hide a branch that is left out."""
    with torch.no_grad():
        for parameter in network.parameters():
            if parameter.ndim == 1:
                parameter.copy_(torch.rand_like(parameter) + 0.5)
    return network.eval()


def count(*networks: nn.Module) -> int:
    return sum(p.numel() for network in networks for p in network.parameters())


@pytest.mark.parametrize("name", TIMM)
def test_features_of_timm(name: str) -> None:
    torch.manual_seed(0)
    network = trained_looking(timm.create_model(name))
    expected = network.forward_head(network.forward_features(images()), pre_logits=True)
    total = count(network)
    network.reset_classifier(0)
    backbone = cut_into_stages(network, name)
    torch.testing.assert_close(backbone(images()), expected, rtol=0, atol=0)
    assert count(backbone, backbone.classifier(1000)) == total
    assert len(backbone.stages) == TIMM[name]


@pytest.mark.parametrize("name", TORCHVISION)
def test_features_of_torchvision(name: str) -> None:
    options = {"init_weights": True} if name in ("googlenet", "inception_v3") else {}
    network = trained_looking(models.get_model(name, **options))
    backbone = make_backbone(f"torchvision:{name}").eval()
    theirs = {key: value for key, value in network.state_dict().items() if "aux" not in key.lower()}
    *features, weight, bias = theirs.values()
    backbone.load_state_dict(dict(zip(backbone.state_dict(), features, strict=True)))
    logits = nn.functional.linear(backbone(images()), weight, bias)
    torch.testing.assert_close(logits, network(images()))
    assert len(backbone.stages) == TORCHVISION[name]


def test_vgg16_is_cut_before_each_pooling() -> None:
    backbone = make_backbone("torchvision:vgg16")
    assert len(backbone.stages) == 5
    convolutions = [sum(isinstance(m, nn.Conv2d) for m in s.modules()) for s in backbone.stages]
    assert convolutions == [2, 2, 3, 3, 3]
    assert count(backbone, backbone.classifier(1000)) == 138_357_544  # torchvision's count


def test_stages_of_resnet50_are_those_of_the_paper() -> None:
    backbone = make_backbone("timm:resnet50").eval()
    maps, shapes = images(64), []
    for stage in backbone.stages:
        maps = stage(maps)
        shapes.append(tuple(maps.shape[1:]))
    assert shapes == [(256, 16, 16), (512, 8, 8), (1024, 4, 4), (2048, 2, 2)]


def test_a_cut_network_is_in_training_mode_like_a_fresh_one() -> None:
    backbone = make_backbone("timm:resnet18")
    assert all(module.training for module in backbone.modules())


def test_building_leaves_the_random_state_of_the_library_alone() -> None:
    torch.manual_seed(0)
    timm.create_model("resnet18", num_classes=0)
    expected = torch.rand(1)
    torch.manual_seed(0)
    make_backbone("timm:resnet18")
    assert torch.equal(torch.rand(1), expected)


@pytest.mark.parametrize(
    "name",
    [
        "timm:vit_tiny_patch16_224",
        "timm:hrnet_w18_small",
        "torchvision:swin_t",
        "timm:mixer_s32_224",
    ],
)
def test_what_cannot_be_cut_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match=rf"^{name} cannot be cut into stages: expected a conv"):
        make_backbone(name)


class TwoStreams(nn.Module):
    """Two streams of different side: no single tensor carries everything until they join."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=1))
        self.left = nn.Sequential(nn.MaxPool2d(2), nn.Conv2d(4, 4, 1), nn.Conv2d(4, 4, 1))
        self.right = nn.Sequential(nn.AvgPool2d(2), nn.Conv2d(4, 4, 1), nn.Conv2d(4, 4, 1))
        self.last = nn.Sequential(nn.MaxPool2d(2), nn.Conv2d(4, 5, 1), nn.Conv2d(5, 5, 1))

    def forward(self, maps: Tensor) -> Tensor:
        maps = self.stem(maps)
        return self.last(self.left(maps) * self.right(maps)).mean((2, 3))


def test_parallel_streams_stay_in_one_stage() -> None:
    network = TwoStreams()
    backbone: Backbone = cut_into_stages(network, "two streams")
    assert [
        stage(torch.ones(1, c, 8, 8)).shape[1:]
        for stage, c in zip(backbone.stages, (3, 4, 4), strict=True)
    ] == [(4, 8, 8), (4, 4, 4), (5, 4, 4)]
    assert torch.equal(backbone(images(16)), network(images(16)))
    assert set(backbone.state_dict()) > {"stages.1.left.1.weight", "stages.1.right.2.bias"}
