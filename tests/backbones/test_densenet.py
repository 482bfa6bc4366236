import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torchvision.models import DenseNet

from labeltree.backbones import make_backbone
from labeltree.errors import ConfigError


def count(name: str, classes: int) -> int:
    backbone = make_backbone(name)
    learned = [*backbone.parameters(), *backbone.classifier(classes).parameters()]
    return sum(parameter.numel() for parameter in learned)


def theirs(classes: int = 100) -> DenseNet:
    """Torchvision's network of the same blocks behind a stem for large images."""
    return DenseNet(
        growth_rate=12,
        block_config=(16, 16, 16),
        num_init_features=24,
        bn_size=4,
        num_classes=classes,
    )


def by_hand(classes: int) -> int:
    """Layer l of a block reads c + 12l channels: two numbers for each norm, weights of 1×1, 3×3.

    16c + 12 · (0 + … + 15) = 16c + 1440 channels are read in a block that begins with c.
    """
    blocks = sum((16 * c + 1440) * (2 + 48) + 16 * (2 * 48 + 9 * 48 * 12) for c in (24, 108, 150))
    transitions = 216 * (2 + 108) + 300 * (2 + 150)
    return 3 * 9 * 24 + blocks + transitions + 2 * 342 + 342 * classes + classes


def test_the_published_count() -> None:
    assert count("densenet100", 100) == by_hand(100) == 800_032
    assert round(count("densenet100", 100) / 1e6, 1) == 0.8  # Huang et al. 2017, table 2
    assert count("densenet100", 10) == by_hand(10) == 769_162


def test_as_many_as_torchvision_but_for_the_stem() -> None:
    parameters = sum(parameter.numel() for parameter in theirs().parameters())
    stem_norm = 2 * 24
    assert count("densenet100", 100) == parameters - 3 * 24 * (7 * 7 - 3 * 3) - stem_norm


def test_the_same_features_as_torchvision_behind_the_stem() -> None:
    torch.manual_seed(0)
    ours, other = make_backbone("densenet100").double().eval(), theirs().double().eval()
    body = nn.Sequential(*list(other.features)[4:])  # without the stem
    mine = list(ours.state_dict().values())[1:]
    for target, source in zip(body.state_dict().values(), mine, strict=True):
        if target.is_floating_point():
            source.copy_(torch.rand_like(source) - 0.3 * (source.ndim > 1))
        target.copy_(source)
    stem, *rest = ours.stages[0]
    images = torch.rand(2, 3, 20, 20, dtype=torch.float64)
    with torch.no_grad():
        maps = stem(images)
        expected = body(maps).relu().mean((2, 3))
        found = ours.pool(ours.stages[2](ours.stages[1](nn.Sequential(*rest)(maps))))
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=0)


def test_a_stage_ends_behind_its_transition() -> None:
    maps = torch.zeros(1, 3, 33, 33)
    shapes = []
    for stage in make_backbone("densenet100").eval().stages:
        maps = stage(maps)
        shapes.append(tuple(maps.shape[1:]))
    assert shapes == [(108, 16, 16), (150, 8, 8), (342, 8, 8)]


def test_a_layer_keeps_its_input_in_front() -> None:
    layer = make_backbone("densenet10").stages[0][1]
    maps = torch.rand(2, 24, 4, 4)
    made = layer(maps)
    assert made.shape == (2, 36, 4, 4)
    assert torch.equal(made[:, :24], maps)


@pytest.mark.parametrize(
    ("name", "parameters"), [("preresnet164", 1_726_388), ("densenet100", 800_032)]
)
def test_the_networks_of_paper_002(name: str, parameters: int) -> None:
    """Cut after each of three stages (figure 2); their sizes with 100 classes."""
    assert len(make_backbone(name).stages) == 3
    assert count(name, 100) == parameters


@pytest.mark.parametrize("name", ["preresnet164", "densenet100"])
def test_convolutions_begin_as_he_et_al_2015_ask(name: str) -> None:
    """Normal, with variance 2 / (side² · outputs): standardised, all are one normal sample."""
    torch.manual_seed(0)
    drawn = []
    for module in make_backbone(name).modules():
        if isinstance(module, nn.Conv2d):
            assert module.bias is None
            outputs, _, side, _ = module.weight.shape
            scaled = module.weight.detach() / (2 / (side**2 * outputs)) ** 0.5
            n = scaled.numel()
            assert abs(scaled.mean()) < 5 / n**0.5
            assert abs(scaled.square().mean() - 1) < 5 * (2 / n) ** 0.5
            drawn.append(scaled.flatten())
        elif isinstance(module, nn.BatchNorm2d):
            assert (module.weight == 1).all() and (module.bias == 0).all()
    everything = torch.cat(drawn)
    assert everything.pow(4).mean().item() == pytest.approx(3, abs=0.05)  # normal, not uniform


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("densenet99", "try densenet94 or densenet100"),
        ("densenet101", "try densenet100 or densenet106"),
        ("densenet4", "try densenet10 or densenet16"),
        ("densenet", "try densenet100"),
        ("densenet-bc", "try densenet100"),
    ],
)
def test_impossible_depth_names_the_nearest(name: str, remedy: str) -> None:
    with pytest.raises(ConfigError, match=f"{name}: the depth must be 6n . 4 .*; {remedy}$"):
        make_backbone(name)


@settings(deadline=None, derandomize=True, max_examples=30)
@given(st.one_of(st.integers(-5, 40).map(str), st.text(max_size=2)))
def test_any_depth_is_built_or_refused_in_one_line(depth: str) -> None:
    if depth.isdecimal() and int(depth) > 4 and (int(depth) - 4) % 6 == 0:
        assert len(make_backbone(f"densenet{depth}").stages) == 3
    else:
        with pytest.raises(ConfigError, match="depth must be") as caught:
            make_backbone(f"densenet{depth}")
        assert "\n" not in str(caught.value).replace(depth, "")
