"""What every entry of the table must do."""

from copy import deepcopy
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from labeltree.backbones import Backbone, ScaledLinear, make_backbone
from labeltree.errors import ConfigError


def side_for(name: str) -> int:
    return 64 if ":" in name else 20


def images(side: int, count: int = 2) -> Tensor:
    return torch.randn(count, 3, side, side, generator=torch.Generator().manual_seed(1))


def test_features_of_images_of_several_sides(name: str, backbone: Backbone) -> None:
    for side in (64, 96) if ":" in name else (20, 24, 28, 32, 48):
        with torch.no_grad():
            features = backbone(images(side, count=1))
        assert features.shape == (1, backbone.num_features)
        assert features.isfinite().all()


def test_stages_are_maps_of_falling_side(name: str, backbone: Backbone) -> None:
    maps = images(side_for(name))
    assert len(backbone.stages) >= 3
    sides = [maps.shape[-1]]
    for stage in backbone.stages:
        with torch.no_grad():
            maps = stage(maps)
        assert maps.ndim == 4
        sides.append(maps.shape[-1])
    assert sides == sorted(sides, reverse=True)
    # Some halve where a stage begins, some where it ends: the first or the last may keep the side.
    kept = [number for number, pair in enumerate(pairwise(sides)) if pair[0] == pair[1]]
    assert kept in ([], [0], [len(backbone.stages) - 1])


def test_both_halves_of_every_cut_are_the_whole(name: str, backbone: Backbone) -> None:
    batch = images(side_for(name))
    with torch.no_grad():
        whole = backbone(batch)
        for point in range(len(backbone.stages) + 1):
            trunk, rest = backbone.cut(point)
            torch.testing.assert_close(rest(trunk(batch)), whole, rtol=0, atol=0)


def test_no_stage_changes_its_input(name: str, backbone: Backbone) -> None:
    maps = images(side_for(name))
    for part in (*backbone.stages, backbone.pool):
        kept = maps.clone()
        with torch.no_grad():
            after = part(maps)
        assert torch.equal(maps, kept)
        maps = after


@pytest.mark.parametrize("point", [-1, 9])
def test_a_cut_elsewhere_is_refused(backbone: Backbone, point: int) -> None:
    with pytest.raises(ConfigError, match=f"merge point {point} does not exist: .* choose 0 to"):
        backbone.cut(point)


def test_the_seed_decides_the_weights(name: str) -> None:
    def fresh(seed: int) -> dict[str, Tensor]:
        torch.manual_seed(seed)
        return make_backbone(name).state_dict()

    first, again, other = fresh(3), fresh(3), fresh(4)
    assert all(torch.equal(first[key], again[key]) for key in first)
    assert any(not torch.equal(first[key], other[key]) for key in first)


def test_weights_survive_a_file(name: str, backbone: Backbone, tmp_path: Path) -> None:
    save_file(backbone.state_dict(), tmp_path / "weights.safetensors")
    other = make_backbone(name).eval()
    other.load_state_dict(load_file(tmp_path / "weights.safetensors"))
    batch = images(side_for(name))
    with torch.no_grad():
        torch.testing.assert_close(other(batch), backbone(batch), rtol=0, atol=0)


def test_a_batch_is_as_one_by_one(name: str, backbone: Backbone) -> None:
    exact, batch = deepcopy(backbone).double(), images(side_for(name), count=3).double()
    with torch.no_grad():
        alone = torch.cat([exact(image[None]) for image in batch])
        torch.testing.assert_close(exact(batch), alone, rtol=1e-9, atol=1e-9)


def test_channels_last_gives_the_same(name: str, backbone: Backbone) -> None:
    batch = images(side_for(name))
    other = deepcopy(backbone).to(memory_format=torch.channels_last)
    with torch.no_grad():
        expected = backbone(batch)
        found = other(batch.contiguous(memory_format=torch.channels_last))
    scale = expected.abs().max().item()
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-4 * scale)


def test_every_parameter_learns(name: str, backbone: Backbone) -> None:
    copy = deepcopy(backbone).train()
    network = nn.Sequential(copy, copy.classifier(5))
    network(images(side_for(name))).square().sum().backward()
    still = [key for key, p in network.named_parameters() if p.grad is None or not p.grad.any()]
    assert not still


def test_the_classifier_fits_the_features(name: str, backbone: Backbone) -> None:
    classifier = backbone.classifier(7)
    count = sum(parameter.numel() for parameter in classifier.parameters())
    assert count == 7 * (backbone.num_features + 1)
    assert classifier(torch.ones(2, backbone.num_features)).shape == (2, 7)


def test_the_scale_multiplies_the_logits() -> None:
    layer, features = ScaledLinear(3, 2, scale=0.5), torch.ones(1, 3)
    plain = nn.functional.linear(features, layer.weight, layer.bias)
    torch.testing.assert_close(layer(features), plain / 2)
