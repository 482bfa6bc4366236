"""What `+fc1000` and `+aux` keep of the library's own network."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import timm
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torchvision import models

from labeltree.backbones import Backbone, load_weights, make_backbone, outline
from labeltree.backbones.inception_auxiliary import InceptionHead
from labeltree.errors import ConfigError
from labeltree.methods.flat.network import Flat
from labeltree.taxonomy import Taxonomy

TEN = Taxonomy.from_paths([str(digit) for digit in range(10)])
TEN_OF_1000 = 1000 * 10 + 10
INCEPTION = "torchvision:inception_v3+aux"


def count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


@pytest.mark.parametrize(
    ("name", "expected"),
    [  # torchvision's own counts, see its table of weights
        ("torchvision:vgg16+fc1000", 138_357_544 + TEN_OF_1000),
        ("torchvision:resnet50+fc1000", 25_557_032 + TEN_OF_1000),
        ("torchvision:inception_v3+aux+fc1000", 27_161_264 + 2 * TEN_OF_1000),
        ("timm:resnet50+fc1000", 25_557_032 + TEN_OF_1000),
    ],
)
def test_one_more_layer_behind_the_whole_network(name: str, expected: int) -> None:
    backbone = outline(name)
    assert backbone.num_features == 1000
    assert count(Flat(TEN, backbone)) == expected


def test_without_its_classifier_the_head_ends_in_768_features() -> None:
    backbone = outline(INCEPTION)
    plain = outline("torchvision:inception_v3")
    (head,) = backbone.auxiliary
    assert (head.num_features, head.weight, backbone.num_features) == (768, 0.4, 2048)
    assert count(backbone) == 27_161_264 - (2048 * 1000 + 1000) - (768 * 1000 + 1000)
    assert count(plain) == count(backbone) - count(head)
    assert not len(plain.auxiliary)


@pytest.mark.parametrize("name", [INCEPTION, "torchvision:inception_v3+aux+fc1000"])
def test_the_head_reads_the_last_maps_of_17_pixels(name: str) -> None:
    backbone = outline(name)
    (head,) = backbone.auxiliary
    assert [key for key, _ in backbone.stages[head.after - 1].named_children()][-1] == "Mixed_6e"
    maps = torch.empty(1, 3, 299, 299, device="meta")
    for stage in backbone.stages[: head.after]:
        maps = stage(maps)
    assert maps.shape == (1, 768, 17, 17)


class Average(nn.Module):
    """What torchvision's head does first."""

    def forward(self, maps: Tensor) -> Tensor:
        return nn.functional.avg_pool2d(maps, 5, 3)


@pytest.mark.parametrize(("side", "expected"), [(1, 5), (3, 5), (16, 5), (17, 5), (20, 6)])
def test_smaller_maps_are_enlarged_to_what_the_head_was_made_for(side: int, expected: int) -> None:
    maps = torch.full((2, 4, side, side), 3.0)
    torch.testing.assert_close(
        InceptionHead(Average())(maps), torch.full((2, 4, expected, expected), 3.0)
    )


def test_maps_of_17_pixels_are_left_as_they_are() -> None:
    maps = torch.randn(2, 4, 17, 17, generator=torch.Generator().manual_seed(0))
    assert torch.equal(InceptionHead(nn.Identity())(maps), maps)


@pytest.fixture(scope="module")
def inception() -> nn.Module:
    torch.manual_seed(0)
    network: nn.Module = models.inception_v3(init_weights=False)
    return network.train()


def test_it_trains_as_torchvision_does(inception: nn.Module, tmp_path: Path) -> None:
    file = tmp_path / "inception.safetensors"
    save_file(inception.state_dict(), file)
    ours = make_backbone("torchvision:inception_v3+aux+fc1000", weights=file)
    images = torch.randn(2, 3, 299, 299, generator=torch.Generator().manual_seed(1))
    outputs = []
    for forward in (inception, ours.with_auxiliary):
        torch.manual_seed(2)  # of dropout
        with torch.no_grad():
            outputs.append(forward(images))
    for found, expected in zip(outputs[1], outputs[0], strict=True):
        torch.testing.assert_close(found, expected, rtol=0, atol=0)
    theirs = inception.state_dict()
    for key, value in ours.state_dict().items():
        name = re.sub(r"^(stages\.\d|pool|auxiliary\.0\.network)\.", "", key)
        assert torch.equal(value, theirs.pop(name)), key  # batch norm has moved alike, too
    assert not theirs
    for found in ours.with_auxiliary(images[..., :75, :75]):  # where torchvision's head fails
        assert found.shape == (2, 1000) and found.isfinite().all()


@pytest.mark.parametrize(
    ("name", "build"),
    [
        ("torchvision:resnet18+fc1000", lambda: models.resnet18()),
        ("timm:resnet18+fc1000", lambda: timm.create_model("resnet18")),
    ],
)
def test_a_library_file_goes_in_with_its_classifier(
    name: str, build: Callable[[], nn.Module], tmp_path: Path
) -> None:
    torch.manual_seed(0)
    network, file = build().eval(), tmp_path / "weights.safetensors"
    save_file(network.state_dict(), file)
    images = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        torch.testing.assert_close(
            make_backbone(name, weights=file).eval()(images), network(images), rtol=0, atol=0
        )


def test_a_file_without_the_classifier_or_with_another_one(tmp_path: Path) -> None:
    name, file = "torchvision:resnet18+fc1000", tmp_path / "weights.safetensors"
    tensors = models.resnet18().state_dict()
    save_file(tensors | {"fc.weight": torch.ones(5, 512), "fc.bias": torch.ones(5)}, file)
    with pytest.raises(ConfigError, match=r"2 of .* tensors have another shape, the first 'pool"):
        make_backbone(name, weights=file)
    save_file({key: value for key, value in tensors.items() if not key.startswith("fc")}, file)
    with pytest.raises(ConfigError, match=r"2 of .* tensors are missing, the first 'pool"):
        make_backbone(name, weights=file)


def test_a_network_with_a_head_lends_its_weights_to_one_without(
    tiny: Callable[..., Backbone], tmp_path: Path
) -> None:
    file = tmp_path / "weights.safetensors"
    save_file(tiny(heads=1).state_dict(), file)
    load_weights(tiny(), file)


def test_the_nearest_names_are_told() -> None:
    with pytest.raises(ConfigError) as caught:
        make_backbone("torchvision:vgg61+fc1000")
    assert "'torchvision:vgg16'" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("torchvision:vgg61", "torchvision has no network 'vgg61'; did you mean 'torchvision:vgg1"),
        ("torchvision:vgg61+fc1000", "torchvision has no network 'vgg61'; did you mean 'torchvi"),
        ("torchvision:vgg16+fc100", "torchvision:vgg16+fc100: unknown suffix '+fc100'; did you me"),
        ("torchvision:vgg16+", "torchvision:vgg16+: unknown suffix '+'; "),
        ("timm:resnet50+fc100", "timm:resnet50+fc100: unknown suffix '+fc100'; did you mean '+fc1"),
        ("timm:inception_v3+aux", "timm:inception_v3+aux: unknown suffix '+aux'; "),
        ("timm:resnet5o+fc1000", "timm has no network 'resnet5o'; did you mean 'timm:resnet50', "),
        ("torchvision:vgg16+aux", "torchvision:vgg16+aux: +aux is for the auxiliary head of incep"),
        ("torchvision:googlenet+aux+fc1000", "torchvision:googlenet+aux+fc1000: +aux is for the"),
        (
            "torchvision:inception_v3+fc1000+aux",
            "unknown backbone 'torchvision:inception_v3+fc1000+aux'; did you mean "
            "'torchvision:inception_v3+aux+fc1000'?",
        ),
        (
            "timm:resnet50+fc1000+fc1000",
            "unknown backbone 'timm:resnet50+fc1000+fc1000'; did you mean 'timm:resnet50+fc1000'?",
        ),
    ],
)
def test_what_cannot_be_kept_is_one_line(name: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        make_backbone(name)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)
