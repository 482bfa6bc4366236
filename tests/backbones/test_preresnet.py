import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from labeltree.backbones import make_backbone
from labeltree.backbones.preresnet import BasicBlock, BottleneckBlock
from labeltree.errors import ConfigError


def count(depth: int, classes: int) -> int:
    backbone = make_backbone(f"preresnet{depth}")
    learned = [*backbone.parameters(), *backbone.classifier(classes).parameters()]
    return sum(parameter.numel() for parameter in learned)


def basic_count(n: int, classes: int) -> int:
    """A formula of its own: weights of 6n + 2 layers and two numbers for each normed channel."""
    total = 3 * 9 * 16 + 64 * classes + classes + 2 * 64
    inputs = 16
    for width in (16, 32, 64):
        total += 9 * inputs * width + (2 * n - 1) * 9 * width * width
        total += 2 * inputs + 2 * width * (2 * n - 1)
        inputs = width
    return total


def bottleneck_count(n: int, classes: int) -> int:
    total = 3 * 9 * 16 + 256 * classes + classes + 2 * 256
    inputs = 16
    for width in (16, 32, 64):
        wide = 4 * width
        total += inputs * wide + 2 * inputs - 2 * wide  # the shortcut; the first norm is narrower
        total += (inputs - wide) * width
        total += n * (wide * width + 9 * width * width + width * wide + 2 * (wide + 2 * width))
        inputs = wide
    return total


@pytest.mark.parametrize(
    ("depth", "millions"),
    [(20, 0.27), (32, 0.46), (44, 0.66), (56, 0.85), (110, 1.7)],  # He et al. 2015, table 6
)
def test_published_counts_of_basic_blocks(depth: int, millions: float) -> None:
    assert count(depth, 10) / 1e6 == pytest.approx(millions, rel=0.02)


@pytest.mark.parametrize(("depth", "millions"), [(164, 1.7), (1001, 10.2)])  # He et al. 2016
def test_published_counts_of_bottlenecks(depth: int, millions: float) -> None:
    assert count(depth, 10) / 1e6 == pytest.approx(millions, rel=0.02)


@pytest.mark.parametrize("depth", [8, 20, 26, 56, 110, 116])
def test_basic_count_by_formula(depth: int) -> None:
    assert count(depth, 7) == basic_count((depth - 2) // 6, 7)


@pytest.mark.parametrize("depth", [11, 29, 47, 164, 1001])
def test_bottleneck_count_by_formula(depth: int) -> None:
    assert count(depth, 7) == bottleneck_count((depth - 2) // 9, 7)


@pytest.mark.parametrize(
    ("depth", "block", "blocks"),
    [
        (20, BasicBlock, 9),  # 9n + 2 too: the papers mean basic blocks up to 110
        (110, BasicBlock, 54),
        (164, BottleneckBlock, 54),  # 6n + 2 too
        (29, BottleneckBlock, 9),
        (116, BasicBlock, 57),
    ],
)
def test_which_blocks_a_depth_means(depth: int, block: type, blocks: int) -> None:
    backbone = make_backbone(f"preresnet{depth}")
    assert sum(isinstance(module, block) for module in backbone.modules()) == blocks


def test_stages_keep_then_halve_the_side() -> None:
    maps = torch.zeros(1, 3, 33, 33)
    shapes = []
    for stage in make_backbone("preresnet11").eval().stages:
        maps = stage(maps)
        shapes.append(tuple(maps.shape[1:]))
    assert shapes == [(64, 33, 33), (128, 17, 17), (256, 9, 9)]


def test_impossible_depth_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"preresnet21: .* try preresnet20 or preresnet26$"):
        make_backbone("preresnet21")


@settings(deadline=None, derandomize=True)
@given(st.one_of(st.integers(-5, 60).map(str), st.text(max_size=2)))
def test_any_depth_is_built_or_refused_in_one_line(depth: str) -> None:
    possible = depth.isdecimal() and any(
        int(depth) > 2 and (int(depth) - 2) % period == 0 for period in (6, 9)
    )
    if possible:
        assert len(make_backbone(f"preresnet{depth}").stages) == 3
    else:
        with pytest.raises(ConfigError, match="depth must be") as caught:
            make_backbone(f"preresnet{depth}")
        assert "\n" not in str(caught.value).replace(depth, "")
