"""Slim with gates: what they add, by hand, and that without them it is slim."""

import pytest
import torch

from labeltree.backbones import make_backbone
from labeltree.costs import num_parameters
from labeltree.errors import ConfigError


def gate(channels: int, reduced: int, expansion: int = 1) -> int:
    """Weights of one gate, counted by hand."""
    expanded = expansion * channels
    squeeze = channels * expanded + 2 * expanded if expansion > 1 else 0
    return squeeze + expanded * reduced + reduced + reduced * channels + channels


@pytest.mark.parametrize(
    ("name", "gates"),
    [
        ("slim-senet-w64", gate(32, 2) + gate(64, 4)),
        ("slim-senet-w64-x2-r32", gate(32, 1, 2) + gate(64, 2, 2)),
        ("slim-senet-w128-rsqrt", gate(64, 8) + gate(128, 11)),
    ],
)
def test_a_gate_in_each_residual_block(name: str, gates: int) -> None:
    width = name.split("-")[2]
    plain = num_parameters(make_backbone(f"slim-{width}"))
    assert num_parameters(make_backbone(name)) == plain + gates


def test_gates_of_one_half_halve_what_the_blocks_add() -> None:
    torch.manual_seed(0)
    block = make_backbone("slim-senet-w64").stages[1][1].eval()
    maps = torch.rand(2, 32, 7, 7)
    *convolutions, squeeze_excitation = block.branch
    for weight in squeeze_excitation.excitation.parameters():
        torch.nn.init.zeros_(weight)
    added = maps
    for layer in convolutions:
        added = layer(added)
    assert torch.allclose(block(maps), maps + added / 2)


@pytest.mark.parametrize("name", ["slim-senet-w64-r16-x2", "slim-senet-w64-x3", "slim-senet-wide"])
def test_what_is_no_specification(name: str) -> None:
    with pytest.raises(ConfigError, match="such as slim-senet-w64-x2-r32"):
        make_backbone(name)
