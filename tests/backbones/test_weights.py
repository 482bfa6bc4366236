from pathlib import Path

import huggingface_hub
import pytest
import timm
import torch
from safetensors.torch import save_file
from torch import Tensor

from labeltree.backbones import Backbone, make_backbone
from labeltree.errors import ConfigError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "weights.safetensors"


def same(found: Backbone, expected: Backbone) -> bool:
    theirs = expected.state_dict()
    return all(torch.equal(value, theirs[key]) for key, value in found.state_dict().items())


def renamed(backbone: Backbone, prefix: str) -> dict[str, Tensor]:
    return {prefix + key: value for key, value in backbone.state_dict().items()}


def test_its_own_state_dict(file: Path) -> None:
    backbone = make_backbone("preresnet8")
    save_file(backbone.state_dict(), file)
    assert same(make_backbone("preresnet8", weights=file), backbone)


def test_a_labeltree_model_with_the_same_backbone(file: Path) -> None:
    backbone = make_backbone("slim")
    heads = {"head.weight": torch.ones(3, 128), "branches.0.weight": torch.ones(2, 128)}
    save_file(renamed(backbone, "backbone.") | heads, file)
    assert same(make_backbone("slim", weights=file), backbone)


def test_a_library_file_with_its_classifier_and_without_batch_counts(file: Path) -> None:
    network = timm.create_model("resnet18", num_classes=3)
    tensors = network.state_dict()
    save_file({key: v for key, v in tensors.items() if not key.endswith("tracked")}, file)
    backbone = make_backbone("timm:resnet18", weights=file).eval()
    images = torch.rand(2, 3, 32, 32)
    network.eval().reset_classifier(0)
    torch.testing.assert_close(backbone(images), network(images))


def test_weights_of_half_precision_become_full(file: Path) -> None:
    backbone = make_backbone("slim")
    save_file({key: value.half() for key, value in backbone.state_dict().items()}, file)
    loaded = make_backbone("slim", weights=file)
    assert {value.dtype for value in loaded.parameters()} == {torch.float32}


@pytest.mark.parametrize("prefix", ["", "backbone."])
def test_weights_of_a_shallower_network(file: Path, prefix: str) -> None:
    save_file(renamed(make_backbone("preresnet8"), prefix), file)
    with pytest.raises(ConfigError, match=r"do not fit .*tensors are missing, the first 'stages"):
        make_backbone("preresnet14", weights=file)


def test_weights_of_a_deeper_network(file: Path) -> None:
    save_file(timm.create_model("resnet34").state_dict(), file)
    with pytest.raises(ConfigError, match=r"do not fit .*tensors more, the first 'layer"):
        make_backbone("timm:resnet18", weights=file)


def test_weights_of_another_shape(file: Path) -> None:
    tensors = make_backbone("slim").state_dict()
    key = next(iter(tensors))
    save_file(tensors | {key: torch.zeros(24, 4, 2, 2)}, file)
    with pytest.raises(ConfigError, match=f"1 of .* tensors have another shape, the first '{key}'"):
        make_backbone("slim", weights=file)


@pytest.mark.parametrize("name", ["model.pth", "model.PT", "model.bin", "model.pth.tar"])
def test_pickles_are_not_opened(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\x80\x04.")
    with pytest.raises(ConfigError, match="never opened; convert it with safetensors"):
        make_backbone("slim", weights=tmp_path / name)


def test_no_such_file(file: Path) -> None:
    with pytest.raises(ConfigError, match=r"weights.safetensors: no such file"):
        make_backbone("slim", weights=file)


@pytest.mark.parametrize("content", [b"", b"not weights", b"\xff" * 100])
def test_a_damaged_file(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(ConfigError, match=r"not a safetensors file, or damaged"):
        make_backbone("slim", weights=file)


@pytest.mark.parametrize("name", ["slim", "preresnet8", "torchvision:resnet18"])
def test_only_timm_has_weights_to_download(name: str) -> None:
    with pytest.raises(ConfigError, match=f"{name} has no pretrained weights to download"):
        make_backbone(name, pretrained=True)


def test_pretrained_weights_are_fetched_as_safetensors(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = timm.create_model("resnet18")
    save_file(network.state_dict(), file)
    asked = []

    def download(repository: str, name: str) -> str:
        asked.append((repository, name))
        return str(file)

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", download)
    backbone = make_backbone("timm:resnet18.a1_in1k", pretrained=True)
    assert asked == [("timm/resnet18.a1_in1k", "model.safetensors")]
    assert torch.equal(backbone.stages[0].conv1.weight, network.conv1.weight)


def test_a_failed_download_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def download(repository: str, name: str) -> str:
        raise OSError("no route\nto host")

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", download)
    with pytest.raises(
        ConfigError, match=r"timm:resnet18 could not be downloaded \(OSErr"
    ) as caught:
        make_backbone("timm:resnet18", pretrained=True)
    assert "\n" not in str(caught.value)


def test_a_timm_network_without_weights() -> None:
    with pytest.raises(ConfigError, match="timm has no pretrained weights for 'cspresnet50d'"):
        make_backbone("timm:cspresnet50d", pretrained=True)


def test_unknown_weights_of_a_timm_network() -> None:
    with pytest.raises(ConfigError, match=r"no weights 'resnet18.x'; known: .*resnet18.a1_in1k"):
        make_backbone("timm:resnet18.x")
