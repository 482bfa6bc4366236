"""Auxiliary heads of a backbone: `flat` trains them, the others refuse them."""

from itertools import pairwise
from pathlib import Path

import pytest
import torch
from small_training import TREE, small_trainer
from torch import Tensor, nn
from torch.nn import functional as F

from labeltree.backbones import BACKBONES, Auxiliary, Backbone, Entry
from labeltree.costs import multiply_adds
from labeltree.errors import ConfigError
from labeltree.methods import METHODS, check_names, make_method
from labeltree.methods.flat.network import Flat
from labeltree.taxonomy import Taxonomy
from labeltree.training.loop import Trainer

ANIMALS = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
LEAVES = torch.tensor([1, 3, 4, 1, 3, 4, 1, 3])
WIDTHS = (3, 4, 6, 8)


def backbone(heads: int = 1) -> Backbone:
    """Three stages; each head reads the maps after the second."""
    stages = [
        nn.Sequential(nn.Conv2d(i, o, 3, padding=1, stride=2), nn.BatchNorm2d(o), nn.ReLU())
        for i, o in pairwise(WIDTHS)
    ]
    pool = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
    reads = [nn.Sequential(nn.Conv2d(6, 5, 1), nn.BatchNorm2d(5), pool) for _ in range(heads)]
    return Backbone(stages, pool, 8, auxiliary=[Auxiliary(each, 2, 5, 0.3) for each in reads])


@pytest.fixture
def flat() -> Flat:
    torch.manual_seed(0)
    return Flat(ANIMALS, backbone())


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> str:
    entry = Entry("for these tests", lambda _: backbone(), ("two-headed",))
    monkeypatch.setitem(BACKBONES, "two-headed", entry)
    return "two-headed"


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_the_loss_is_that_of_the_end_and_a_share_of_the_head(
    flat: Flat, images: Tensor, smoothing: float
) -> None:
    logits, auxiliary = outputs = flat(images)
    leaf = torch.tensor([0, 1, 2, 0, 1, 2, 0, 1])
    losses = [
        F.cross_entropy(each, leaf, reduction="none", label_smoothing=smoothing)
        for each in (logits, auxiliary)
    ]
    found = flat.loss(outputs, LEAVES, smoothing)
    torch.testing.assert_close(found, losses[0] + 0.3 * losses[1])
    torch.testing.assert_close(flat.loss(outputs[:1], LEAVES, smoothing), losses[0])
    half = tuple(each.bfloat16() for each in outputs)
    assert flat.loss(half, torch.tensor([0, 1, 2, 3, 4, 0, 1, 2])).dtype == torch.float32


def test_the_head_reads_the_maps_in_the_middle(flat: Flat, images: Tensor) -> None:
    _, found = flat(images)
    maps = flat.backbone.stages[1](flat.backbone.stages[0](images))
    features = flat.backbone.auxiliary[0](maps)
    torch.testing.assert_close(found, flat.auxiliary_heads[0](features))


def test_every_parameter_learns_from_both_losses(flat: Flat, images: Tensor) -> None:
    """So several processes can train it: they wait for a gradient of each parameter."""
    flat.loss(flat(images), LEAVES).sum().backward()
    assert all(p.grad is not None and p.grad.any() for p in flat.parameters())


def test_answers_are_those_without_a_head_and_cost_no_more(flat: Flat, images: Tensor) -> None:
    plain = Flat(ANIMALS, backbone(heads=0))
    plain.load_state_dict(flat.state_dict(), strict=False)
    for method in (flat, plain):
        method.eval()
    (found,), (expected,) = flat(images), plain(images)
    assert torch.equal(found, expected)
    assert multiply_adds(flat, images) == multiply_adds(plain, images)
    torch.testing.assert_close(flat.node_probabilities((found,))[:, 0], torch.ones(8))


def test_the_network_itself_starts_as_without_a_head() -> None:
    def started(heads: int) -> dict[str, Tensor]:
        torch.manual_seed(5)
        stages = backbone(heads).stages
        return stages.state_dict()

    first, second = started(0), started(1)
    assert all(torch.equal(value, second[key]) for key, value in first.items())


@pytest.mark.parametrize("method", METHODS)
def test_methods_without_a_loss_for_heads_refuse_them(method: str, named: str) -> None:
    if METHODS[method].auxiliary:
        check_names(method, named, {})
        assert len(make_method(method, ANIMALS, named).backbone.auxiliary) == 1
        return
    for ask in (
        lambda: check_names(method, named, {}),
        lambda: make_method(method, ANIMALS, named),
    ):
        with pytest.raises(ConfigError, match=f"^method {method} has no loss .*leave out .aux"):
            ask()


def test_of_several_backbones_each_is_checked(named: str) -> None:
    with pytest.raises(ConfigError, match="method routed has no loss"):
        check_names("routed", "slim", {"experts": named})
    with pytest.raises(ConfigError, match="slim-w64: images of at least 9 pixels are needed"):
        check_names("routed", "resnet18", {"router": "slim-w64"}, side=8)
    check_names("routed", "resnet18", {"router": "slim-w64"}, side=9)


def test_a_cut_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"auxiliary heads cannot be cut.* leave out \+aux"):
        backbone().cut(1)


def test_a_training_keeps_averages_and_goes_on(tmp_path: Path) -> None:
    def trainer(folder: str) -> Trainer:
        torch.manual_seed(0)
        method = Flat(TREE, backbone())
        return small_trainer(tmp_path / folder, method, epochs=2, ema_decay=0.5)

    first = trainer("a")
    first.fit()
    again = trainer("a")
    assert again.restore()
    for ours, theirs in ((first.method, again.method), (first.result, again.result)):
        state = theirs.state_dict()
        assert any(key.startswith("auxiliary_heads.0.") for key in state)
        assert all(torch.equal(value, state[key]) for key, value in ours.state_dict().items())
    assert all("train_top1" in row for row in first.position.rows)
    begun = trainer("b").method.auxiliary_heads[0].weight
    assert not torch.equal(begun, first.method.auxiliary_heads[0].weight)
