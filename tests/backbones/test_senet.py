from functools import partial

import pytest
import timm
import torch
from timm.layers import SEModule
from torch import nn

from labeltree.backbones import Backbone, make_backbone
from labeltree.backbones.senet import BLOCKS, SEBlock, ThreeLayerBlock, TwoLayerBlock
from labeltree.backbones.squeeze_excitation import SqueezeExcitation
from labeltree.errors import ConfigError

EXACT = {"block_args": {"attn_layer": partial(SEModule, rd_divisor=1)}}  # no rounding up to 8


def on_paper(name: str) -> Backbone:
    """Shapes only, which takes no time."""
    with torch.device("meta"):
        return make_backbone(name)


def count(name: str, classes: int = 1000) -> int:
    backbone = on_paper(name)
    learned = [*backbone.parameters(), *backbone.classifier(classes).parameters()]
    return sum(parameter.numel() for parameter in learned)


def their_count(name: str, **options: object) -> int:
    with torch.device("meta"):
        return sum(p.numel() for p in timm.create_model(name, **options).parameters())


def gates(backbone: Backbone) -> list[SqueezeExcitation]:
    return [module for module in backbone.modules() if isinstance(module, SqueezeExcitation)]


@pytest.mark.parametrize("depth", [50, 101, 152])
def test_as_many_parameters_as_timm(depth: int) -> None:
    assert count(f"senet{depth}") == their_count(f"seresnet{depth}")


@pytest.mark.parametrize("depth", [18, 34])
def test_as_many_parameters_as_timm_unless_it_rounds(depth: int) -> None:
    exact = their_count(f"seresnet{depth}", **EXACT)
    assert count(f"senet{depth}") == exact
    # timm rounds the 4 values for 64 channels up to 8: 4 rows, 4 biases and 4 columns more.
    first_stage = BLOCKS[depth][0]
    assert their_count(f"seresnet{depth}") == exact + first_stage * (4 * 64 + 4 + 64 * 4)


@pytest.mark.parametrize(("depth", "options"), [(18, EXACT), (50, {})])
def test_timms_weights_give_timms_features(depth: int, options: dict[str, object]) -> None:
    ours, theirs = make_backbone(f"senet{depth}"), timm.create_model(f"seresnet{depth}", **options)
    theirs.reset_classifier(0)
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for tensor in theirs.state_dict().values():
            if tensor.ndim == 1:
                tensor.copy_(0.5 + 0.2 * torch.rand(tensor.shape, generator=generator))
    # Both name branch, gate, shortcut in this order; timm's layers of the gate are convolutions.
    pairs = zip(ours.state_dict().items(), theirs.state_dict().values(), strict=True)
    ours.load_state_dict({key: their.reshape(our.shape) for (key, our), their in pairs})
    batch = torch.randn(2, 3, 72, 72, generator=generator, dtype=torch.float64)
    with torch.no_grad():
        found, expected = ours.double().eval()(batch), theirs.double().eval()(batch)
    assert expected.std() > 0
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=0)


def test_small_is_resnet18_with_gates_and_a_photo_needs_a_larger_stem() -> None:
    gated = sum(p.numel() for gate in gates(on_paper("small-senet18")) for p in gate.parameters())
    assert count("small-senet18") == count("resnet18") + gated
    assert count("senet18") == count("small-senet18") + 3 * 64 * (7 * 7 - 3 * 3)


@pytest.mark.parametrize("depth", BLOCKS)
def test_layers_are_counted_as_in_the_paper(depth: int) -> None:
    blocks = [m for m in on_paper(f"senet{depth}").modules() if isinstance(m, SEBlock)]
    convolutions = [m for b in blocks for m in b.branch.modules() if isinstance(m, nn.Conv2d)]
    assert depth == 1 + len(convolutions) + 1  # the first convolution, the last layer
    assert {type(block) for block in blocks} == {TwoLayerBlock if depth < 50 else ThreeLayerBlock}


@pytest.mark.parametrize(
    ("name", "side", "shapes"),
    [
        ("senet18", 224, [(64, 56), (128, 28), (256, 14), (512, 7)]),
        ("senet152", 300, [(256, 75), (512, 38), (1024, 19), (2048, 10)]),
        ("small-senet18", 32, [(64, 32), (128, 16), (256, 8), (512, 4)]),
        ("small-senet50-w16", 32, [(64, 32), (128, 16), (256, 8), (512, 4)]),
    ],
)
def test_stages(name: str, side: int, shapes: list[tuple[int, int]]) -> None:
    backbone = on_paper(name)
    maps = torch.empty(1, 3, side, side, device="meta")
    found = []
    for stage in backbone.stages:
        maps = stage(maps)
        assert maps.shape[2] == maps.shape[3]
        found.append((maps.shape[1], maps.shape[2]))
    assert found == shapes
    assert backbone.num_features == shapes[-1][0]


def test_the_usual_options_need_no_name() -> None:
    usual, named = (on_paper(name).state_dict() for name in ("senet18", "senet18-w64-x1-r16"))
    assert {k: v.shape for k, v in usual.items()} == {k: v.shape for k, v in named.items()}


@pytest.mark.parametrize("expansion", [2, 4])
@pytest.mark.parametrize("family", ["senet", "small-senet"])
def test_expansion_adds_what_it_should(family: str, expansion: int) -> None:
    added = 0
    for channels in (16, 32, 64, 128):
        wide, reduced = expansion * channels, channels // 8
        convolution_and_norm = channels * wide + 2 * wide
        longer_rows = (wide - channels) * reduced
        added += 2 * (convolution_and_norm + longer_rows)
    plain = count(f"{family}18-w16-r8")
    assert count(f"{family}18-w16-x{expansion}-r8") == plain + added


@pytest.mark.parametrize(
    ("reduction", "first", "last"),
    [("-r8", 8, 64), ("", 4, 32), ("-r32", 2, 16), ("-rsqrt", 8, 23), ("-rlog", 6, 9)],
)
def test_reductions_reach_every_gate(reduction: str, first: int, last: int) -> None:
    found = [gate.excitation[0].out_features for gate in gates(on_paper(f"senet18{reduction}"))]
    assert len(found) == 8
    assert (found[0], found[1], found[-1]) == (first, first, last)


@pytest.mark.parametrize("name", ["small-senet18-w8", "small-senet50-w8-x2"])
def test_blocks_start_as_their_shortcut(name: str) -> None:
    block = make_backbone(name).stages[0][-1]
    maps = torch.rand(2, block.gate.excitation[-2].out_features, 8, 8)
    torch.testing.assert_close(block(maps), maps)


def test_the_gate_weighs_the_branch_before_the_addition() -> None:
    block = TwoLayerBlock(8, 12, 2, SqueezeExcitation).eval()
    nn.init.ones_(block.branch[-1].weight)
    maps = torch.randn(2, 8, 6, 6)
    branch, shortcut = block.branch(maps), block.shortcut(maps)
    bias = block.gate.excitation[2].bias
    for closed_or_open, weight in ((-200.0, 0), (200.0, 1)):
        nn.init.constant_(bias, closed_or_open)
        torch.testing.assert_close(block(maps), (weight * branch + shortcut).relu())


@pytest.mark.parametrize("family", ["senet", "small-senet"])
@pytest.mark.parametrize("wrong", ["", "19", "18-w0", "18-x3", "18-r5", "18-r8-x2", "18-w", "-w8"])
def test_other_names_are_answered_with_the_grammar(family: str, wrong: str) -> None:
    with pytest.raises(ConfigError) as caught:
        make_backbone(family + wrong)
    message = str(caught.value)
    assert message.startswith(f"{family}{wrong}: expected {family}<18|34|50|101|152>, ")
    assert "-w<width>, -x<1|2|4> (expansion), -r<8|16|32|sqrt|log> (reduction)" in message
    example = message.rpartition(" ")[2]
    assert example == f"{family}18-w32-x2-r32" and "\n" not in message
    on_paper(example)
