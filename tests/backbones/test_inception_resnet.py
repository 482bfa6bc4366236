from typing import Any

import pytest
import torch
from timm.models.inception_resnet_v2 import Block8, Block17, Block35, Mixed_6a, Mixed_7a
from timm.models.inception_v4 import InceptionV4
from torch import nn

from labeltree.backbones import Backbone, make_backbone
from labeltree.backbones.inception_modules import (
    MODULE_A,
    MODULE_B,
    MODULE_C,
    REDUCTION_A,
    REDUCTION_B,
    Branches,
    InceptionModule,
    chain,
    reduction,
)
from labeltree.backbones.inception_resnet import inception_stem
from labeltree.backbones.squeeze_excitation import SqueezeExcitation
from labeltree.errors import ConfigError

NAMES = [f"inception-{kind}-{size}" for kind in ("resnet", "senet") for size in (48, 96, 384)]


def on_paper(name: str) -> Backbone:
    """Shapes only, which takes no time."""
    with torch.device("meta"):
        return make_backbone(name)


def count(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def modules(part: nn.Module) -> list[InceptionModule]:
    return [module for module in part.modules() if isinstance(module, InceptionModule)]


@pytest.mark.parametrize("name", NAMES)
def test_widths_sides_and_modules_are_the_papers(name: str) -> None:
    channels = int(name.rpartition("-")[2])
    full = channels == 384
    widths = {48: [48, 144, 288], 96: [96, 288, 576], 384: [384, 1152, 2144]}[channels]
    backbone, maps = on_paper(name), torch.empty(1, 3, 300, 300, device="meta")
    shapes = []
    for stage in backbone.stages:
        maps = stage(maps)
        shapes.append(tuple(maps.shape[1:]))
    sides = [38, 19, 10] if full else [75, 38, 19]
    assert shapes == [(w, s, s) for w, s in zip(widths, sides, strict=True)]
    assert [len(modules(stage)) for stage in backbone.stages] == ([4, 7, 3] if full else [2, 2, 2])
    assert backbone.num_features == (512 if full else widths[-1])


def test_a_scaled_network_has_its_share_of_every_width() -> None:
    def inner(name: str) -> list[int]:
        found = []
        for stage in on_paper(name).stages:
            for conv in modules(stage)[0].branch[0].modules():
                found += [conv.out_channels] if isinstance(conv, nn.Conv2d) else []
        return found

    full = [32, 32, 32, 32, 48, 64, 192, 128, 160, 192, 192, 192, 224, 256]
    assert inner("inception-resnet-384") == full
    assert [4 * width for width in inner("inception-resnet-96")] == full
    assert [8 * width for width in inner("inception-resnet-48")] == full


@pytest.mark.parametrize(
    ("width", "branches", "block"),
    [
        (320, MODULE_A, Block35),
        (1088, MODULE_B, Block17),
        (2080, MODULE_C, Block8),
    ],
)
def test_modules_compute_what_timms_do(width: int, branches: Branches, block: Any) -> None:
    """Theirs end in a bias and a constant factor, which our batch norm can hold."""
    torch.manual_seed(0)
    factor = 0.3
    ours = InceptionModule(width, branches, lambda _: nn.Identity()).double().eval()
    theirs = block(scale=factor).double().eval()
    state = theirs.state_dict()
    with torch.no_grad():
        for tensor in state.values():
            if tensor.ndim == 1:
                tensor.copy_(0.5 + torch.rand(tensor.shape))
        *_, weight, bias = state.values()
        last = ours.branch[2]
        last.weight.fill_(factor * (1 + last.eps) ** 0.5)
        last.bias.copy_(factor * bias)
        ours.branch[1].weight.copy_(weight)
        own, found = ours.branch[0].state_dict(), list(state.values())[:-2]
        ours.branch[0].load_state_dict(dict(zip(own, found, strict=True)))
        maps = torch.rand(2, width, 9, 8, dtype=torch.float64)
        torch.testing.assert_close(ours(maps), theirs(maps), rtol=1e-9, atol=1e-12)


def test_reductions_and_stem_weigh_what_timms_do() -> None:
    with torch.device("meta"):
        assert count(reduction(320, REDUCTION_A)) == count(Mixed_6a())
        assert count(reduction(1088, REDUCTION_B)) == count(Mixed_7a())
        stem = InceptionV4().features[:6]
        images = torch.empty(1, 3, 299, 299)
        assert stem(images).shape[1] == inception_stem(384, nn.Identity)(images).shape[1] == 384
        assert count(inception_stem(384, nn.Identity)) == count(stem)


def layer(inputs: int, outputs: int, area: int) -> int:
    """Parameters of a convolution with its batch norm."""
    return inputs * outputs * area + 2 * outputs


def test_48_by_hand() -> None:
    stem = layer(3, 64, 49)
    block = layer(64, 48, 9) + layer(48, 48, 9) + layer(64, 48, 1) + (48 * 3 + 3 + 3 * 48 + 48)
    a = 3 * layer(48, 4, 1) + layer(4, 4, 9) + layer(4, 6, 9) + layer(6, 8, 9) + layer(16, 48, 1)
    b = layer(144, 24, 1) + layer(144, 16, 1) + layer(16, 20, 7) + layer(20, 24, 7)
    b += layer(48, 144, 1)
    c = 2 * layer(288, 24, 1) + layer(24, 28, 3) + layer(28, 32, 3) + layer(56, 288, 1)
    to_b = layer(48, 48, 9) + layer(48, 32, 1) + layer(32, 32, 9) + layer(32, 48, 9)
    to_c = 3 * layer(144, 32, 1) + 2 * layer(32, 48, 9) + layer(32, 36, 9) + layer(36, 48, 9)
    by_hand = stem + block + 2 * (a + b + c) + to_b + to_c
    assert count(on_paper("inception-resnet-48")) == by_hand


@pytest.mark.parametrize("channels", [48, 96, 384])
def test_only_the_senet_has_a_gate_on_every_module(channels: int) -> None:
    plain, gated = (on_paper(f"inception-{kind}-{channels}") for kind in ("resnet", "senet"))
    of_plain, of_gated = (
        [m for m in network.modules() if isinstance(m, SqueezeExcitation)]
        for network in (plain, gated)
    )
    in_stem = 0 if channels == 384 else 1
    assert len(of_plain) == in_stem
    assert len(of_gated) == in_stem + len(modules(gated))
    for gate in of_gated:
        width = gate.excitation[2].out_features
        assert gate.excitation[0].in_features == 2 * width
        assert gate.excitation[0].out_features == width // 32
    difference = sum(map(count, of_gated)) - sum(map(count, of_plain))
    assert count(gated) - count(plain) == difference


@pytest.mark.parametrize("name", ["inception-resnet-48", "inception-senet-48"])
def test_modules_start_as_the_identity(name: str) -> None:
    for stage, width in zip(make_backbone(name).stages, (48, 144, 288), strict=True):
        maps = torch.rand(2, width, 4, 4)
        torch.testing.assert_close(modules(stage)[-1](maps), maps)


def test_the_last_convolution_of_a_chain_halves_the_side() -> None:
    steps = chain(3, [(4, 1, 7), (5, 7, 1), (6, 3, 3)], stride=2)
    assert [m.stride for m in steps if isinstance(m, nn.Conv2d)] == [(1, 1), (1, 1), (2, 2)]
    assert steps(torch.rand(2, 3, 9, 12)).shape == (2, 6, 5, 6)


@pytest.mark.parametrize("name", ["inception-resnet-384", "inception-senet-384"])
def test_the_full_network_takes_small_images_too(name: str) -> None:
    assert on_paper(name)(torch.empty(2, 3, 32, 32, device="meta")).shape == (2, 512)


@pytest.mark.parametrize("kind", ["resnet", "senet"])
@pytest.mark.parametrize("wrong", ["", "64", "48-x2", "048", "²"])
def test_other_sizes_are_refused(kind: str, wrong: str) -> None:
    with pytest.raises(ConfigError) as caught:
        make_backbone(f"inception-{kind}-{wrong}")
    assert str(caught.value) == (
        f"inception-{kind}-{wrong}: expected the channels of the first section, 48, 96, 384; "
        f"for example inception-{kind}-96"
    )
