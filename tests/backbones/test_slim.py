import pytest
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from labeltree.backbones import Backbone, make_backbone, prepare
from labeltree.backbones.whitening import WhiteningStem


@pytest.fixture
def slim() -> Backbone:
    torch.manual_seed(0)
    return make_backbone("slim")


def smooth_images(count: int = 64, channels: int = 3) -> Tensor:
    """Neighbouring pixels are alike, as in photos, and so are the channels."""
    noise = torch.randn(count, channels, 18, 18, generator=torch.Generator().manual_seed(0))
    smooth = nn.functional.avg_pool2d(noise, 3, stride=1)
    return (smooth + 0.5 * smooth.mean(1, keepdim=True)).expand(count, 3, 16, 16)


def stem_of(backbone: Backbone) -> WhiteningStem:
    (stem,) = (m for m in backbone.modules() if isinstance(m, WhiteningStem))
    return stem


def test_parameters_counted_by_hand(slim: Backbone) -> None:
    convolutions = 9 * (24 * 32 + 32 * 64 + 2 * 64 * 64 + 64 * 128 + 2 * 128 * 128)
    norms = 2 * (32 + 3 * 64 + 3 * 128)
    classifier = 128 * 100 + 100
    learned = [*slim.parameters(), *slim.classifier(100).parameters()]
    assert sum(p.numel() for p in learned) == convolutions + norms + classifier == 481_828


def test_at_most_half_a_million_with_the_frozen_stem_and_both_levels(slim: Backbone) -> None:
    values = [*slim.state_dict().values(), *slim.classifier(120).parameters()]
    assert sum(value.numel() for value in values) <= 500_000


def test_nine_layers(slim: Backbone) -> None:
    convolutions = [m for m in slim.modules() if isinstance(m, nn.Conv2d | WhiteningStem)]
    assert len(convolutions) + 1 == 9


def test_42_mflop_at_32_pixels(slim: Backbone) -> None:
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        slim(torch.zeros(1, 3, 32, 32))
    assert 41.5e6 < counter.get_total_flops() < 42.5e6


def test_nine_pixels_are_enough(slim: Backbone) -> None:
    assert slim(torch.zeros(2, 3, 9, 9)).shape == (2, 128)


def test_prepared_patches_are_white(slim: Backbone) -> None:
    images = smooth_images()
    prepare(slim, images)
    patches = stem_of(slim)(images)[:, :12].transpose(0, 1).flatten(1)
    covariance = patches @ patches.T / patches.shape[1]
    torch.testing.assert_close(covariance, torch.eye(12), atol=0.05, rtol=0)


def test_each_direction_has_both_signs(slim: Backbone) -> None:
    for _ in range(2):
        positive, negative = stem_of(slim).filters.split(12)
        assert torch.equal(positive, -negative)
        prepare(slim, smooth_images())


def test_grey_images_give_finite_small_colour_filters(slim: Backbone) -> None:
    images = smooth_images(channels=1)
    prepare(slim, images)
    assert stem_of(slim).filters.isfinite().all()
    assert stem_of(slim)(images).abs().max() < 20


def test_patches_of_many_large_images_are_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labeltree.backbones.whitening.PATCHES", 16 * 16 * 32)
    images = smooth_images()
    sampled, half = WhiteningStem(), WhiteningStem()
    sampled.fit(images)
    half.fit(images[::2])
    assert torch.equal(sampled.filters, half.filters)


def test_the_stem_is_saved_and_never_trained(slim: Backbone) -> None:
    stem = stem_of(slim)
    assert not list(stem.parameters())
    assert any(
        value is not None and value.shape == (24, 3, 2, 2) for value in slim.state_dict().values()
    )


def test_prepare_finds_stems_wherever_the_cut_has_put_them() -> None:
    torch.manual_seed(0)
    trunk, _ = make_backbone("slim").cut(1)
    network = nn.ModuleDict({"trunk": trunk, "branch": make_backbone("slim")})
    prepare(network, smooth_images())
    filters = [m.filters for m in network.modules() if isinstance(m, WhiteningStem)]
    assert len(filters) == 2
    assert torch.equal(filters[0], filters[1])


@pytest.mark.parametrize(("width", "parameters"), [(64, 125_764), (192, 1_068_292)])
def test_other_widths_scale_all_stages(width: int, parameters: int) -> None:
    network = make_backbone(f"slim-w{width}")
    learned = [*network.parameters(), *network.classifier(100).parameters()]
    first, second, third = width // 4, width // 2, width
    convolutions = 9 * (24 * first + first * second + 2 * second**2 + second * third + 2 * third**2)
    norms = 2 * (first + 3 * second + 3 * third)
    assert sum(values.numel() for values in learned) == convolutions + norms + 100 * (third + 1)
    assert sum(values.numel() for values in learned) == parameters


def test_128_channels_are_slim(slim: Backbone) -> None:
    shapes = {name: value.shape for name, value in slim.state_dict().items()}
    assert shapes == {n: v.shape for n, v in make_backbone("slim-w128").state_dict().items()}
