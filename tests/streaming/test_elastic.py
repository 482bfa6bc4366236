import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from small_training import TREE, small_collection, small_method
from torch import nn

from labeltree.backbones import make_backbone
from labeltree.methods.multilabel import MultilabelConfig
from labeltree.methods.multilabel.network import Multilabel
from labeltree.methods.protocol import Method
from labeltree.streaming import elastic
from labeltree.streaming.elastic import LARGEST, Elastic, importance
from labeltree.streaming.pull import Pull, weights_of
from labeltree.taxonomy import make_label_sets

IMAGES = torch.from_numpy(small_collection(16).images.array).permute(0, 3, 1, 2) / 64 - 2
TARGETS = torch.from_numpy(small_collection(16).targets)


class Line(Method):
    """w·x + b for images of two pixels in one colour; half the squared distance to the target."""

    def __init__(self, weights, bias):
        super().__init__(TREE)
        self.line = nn.Linear(2, 1).double()
        with torch.no_grad():
            self.line.weight.copy_(torch.tensor([weights]))
            self.line.bias.fill_(bias)

    def forward(self, images):
        return (self.line(images.flatten(1)),)

    def loss(self, outputs, targets, label_smoothing=0.0):
        return (outputs[0][:, 0] - targets).square() / 2

    def node_probabilities(self, outputs):
        raise NotImplementedError


@pytest.fixture
def uncut(monkeypatch):
    """However large an importance is, it stays."""
    monkeypatch.setattr(elastic, "LARGEST", math.inf)


def seen(method: Method) -> Method:
    """The same method after its batch norms have met some images."""
    method.train()
    with torch.no_grad():
        for _ in range(5):
            method(IMAGES)
    return method


def in_batches(size):
    return zip(IMAGES.split(size), TARGETS.split(size), strict=True)


def test_a_line_by_hand():
    # Outputs 3 and 4 miss the targets 1 and 5 by 2 and -1, so the gradients (x, y, 1) · miss are
    # (2, 4, 2) and (-3, -1, -1): sums of squares 13, 17, 5, whose mean is 35 / 3.
    images = torch.tensor([[1.0, 2.0], [3.0, 1.0]], dtype=torch.float64).view(2, 1, 1, 2)
    found = importance(Line([1.0, 1.0], 0.0), [(images, torch.tensor([1, 5]))])
    expected = torch.tensor([[13, 17]], dtype=torch.float64) * 3 / 35
    torch.testing.assert_close(found["line.weight"], expected)
    assert found["line.bias"].item() == pytest.approx(5 * 3 / 35)


def test_every_image_counts_by_itself():
    """Two images whose gradients cancel each other matter all the same."""
    images = torch.ones(2, 1, 1, 2, dtype=torch.float64)
    found = importance(Line([1.0, 1.0], 0.0), [(images, torch.tensor([1, 3]))])
    assert torch.cat([value.flatten() for value in found.values()]).tolist() == [1, 1, 1]


def test_equals_the_jacobian_of_all_losses_at_once():
    method = seen(small_method())
    found = importance(method, in_batches(5))
    method.eval()
    weights = {name: weight.detach() for name, weight in method.named_parameters()}

    def losses(values):
        return method.loss(torch.func.functional_call(method, values, (IMAGES,)), TARGETS)

    squares = {
        name: jacobian.square().mean(0)
        for name, jacobian in torch.func.jacrev(losses)(weights).items()
    }
    mean = torch.cat([square.flatten() for square in squares.values()]).double().mean().float()
    squares = {name: (square / mean).clamp(max=LARGEST) for name, square in squares.items()}
    assert found.keys() == squares.keys()
    for name, square in squares.items():
        torch.testing.assert_close(found[name], square, rtol=1e-3, atol=1e-4)


def test_the_mean_over_all_weights_is_one(uncut):
    found = importance(seen(small_method()), in_batches(16))
    every = torch.cat([value.flatten() for value in found.values()])
    assert every.mean(dtype=torch.float64).item() == pytest.approx(1, rel=1e-6)
    assert every.min() >= 0 and every.max() > 2, "it is dealt out unevenly"


def test_a_few_weights_cannot_outweigh_all_others():
    method = Line([1.0, 1.0], 0.0)
    method.unused = nn.Linear(1, 1000)  # 2,000 weights that do not matter at all
    images = torch.ones(1, 1, 1, 2, dtype=torch.float64)
    found = importance(method, [(images, torch.tensor([1]))])
    assert found["line.weight"].tolist() == [[LARGEST, LARGEST]]
    assert (found["unused.weight"] == 0).all()


def test_the_largest_importance_is_held_at_ten_times_the_usual_strength():
    """Where steps of the usual optimiser overshoot, a weight would not come back but run away."""
    line = nn.Linear(1, 1, bias=False)
    old = {"weight": line.weight.detach() + 1}
    penalty = Elastic(old, {"weight": torch.tensor([[LARGEST]])}, 0.1)
    optimizer = torch.optim.SGD(line.parameters(), 0.1, momentum=0.9, nesterov=True)
    for _ in range(200):
        optimizer.zero_grad()
        penalty(line).backward()
        optimizer.step()
    torch.testing.assert_close(line.weight.detach(), old["weight"])


@pytest.mark.parametrize("size", [3, 8, 16])
def test_the_size_of_the_batches_does_not_matter(size):
    method = seen(small_method())
    one_by_one = importance(method, in_batches(1))
    for name, value in importance(method, in_batches(size)).items():
        torch.testing.assert_close(value, one_by_one[name], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("training", [True, False])
def test_the_method_is_left_as_it_is(training):
    method = seen(small_method()).train(training)
    method.backbone.stages[1].train(not training)  # a mixture of modes is kept, too
    method.head.bias.requires_grad_(False)
    method.head.weight.grad = torch.full_like(method.head.weight, 7)
    modes = [module.training for module in method.modules()]
    flags = [weight.requires_grad for weight in method.parameters()]
    state = {name: value.clone() for name, value in method.state_dict().items()}
    random = torch.get_rng_state()
    importance(method, in_batches(8))
    assert [module.training for module in method.modules()] == modes
    assert [weight.requires_grad for weight in method.parameters()] == flags
    assert (method.head.weight.grad == 7).all()
    others = [w.grad for name, w in method.named_parameters() if name != "head.weight"]
    assert others == [None] * len(others)
    assert all(torch.equal(value, state[name]) for name, value in method.state_dict().items())
    assert torch.equal(torch.get_rng_state(), random)


def test_the_mode_of_the_method_does_not_matter():
    torch.manual_seed(0)
    method = Multilabel(TREE, make_backbone("slim"), MultilabelConfig(dropout=0.5))
    while_training = importance(seen(method), in_batches(8))
    for name, value in importance(method.eval(), in_batches(8)).items():
        assert torch.equal(value, while_training[name])


def test_frozen_weights_have_no_part_in_it(uncut):
    method = seen(small_method())
    whole = importance(method, in_batches(8))
    method.backbone.requires_grad_(False)
    head = importance(method, in_batches(8))
    assert set(head) == {"head.weight", "head.bias"}
    mean = torch.cat([whole[name].flatten() for name in head]).mean()
    for name, value in head.items():
        torch.testing.assert_close(value, whole[name] / mean, rtol=1e-4, atol=1e-6)


def test_weights_that_no_loss_depends_on_do_not_matter():
    method = Line([1.0, 1.0], 0.0)
    method.unused = nn.Linear(1, 2)
    images = torch.ones(2, 1, 1, 2, dtype=torch.float64)
    found = importance(method, [(images, torch.tensor([1, 3]))])
    assert found["unused.weight"].tolist() == [[0], [0]]
    assert found["line.bias"].item() == pytest.approx(7 / 3)


def test_images_without_gradients_leave_all_at_zero():
    images = torch.ones(2, 1, 1, 2, dtype=torch.float64)
    found = importance(Line([1.0, 1.0], 0.0), [(images, torch.tensor([2, 2]))])
    assert all((value == 0).all() for value in found.values())


def test_label_sets_are_targets_as_well(uncut):
    torch.manual_seed(0)
    method = seen(Multilabel(TREE, make_backbone("slim"), MultilabelConfig()))
    leaves = TREE.leaves.tolist()
    sets = torch.from_numpy(make_label_sets(TREE, [leaves[:2]] * 8 + [leaves[3:4]] * 8))
    found = importance(method, [(IMAGES, sets)])
    one_by_one = importance(method, zip(IMAGES.split(1), sets.split(1), strict=True))
    every = torch.cat([value.flatten() for value in found.values()])
    assert every.mean().item() == pytest.approx(1, rel=1e-4)
    for name, value in found.items():
        torch.testing.assert_close(value, one_by_one[name], rtol=1e-4, atol=1e-6)


def test_the_penalty_by_hand():
    network = nn.Linear(2, 1, bias=False)
    with torch.no_grad():
        network.weight.copy_(torch.tensor([[1.0, -2.0]]))
    old = {"weight": torch.tensor([[0.5, 1.0]])}
    value = Elastic(old, {"weight": torch.tensor([[4.0, 0.5]])}, 0.2)(network)
    assert value.item() == pytest.approx(0.1 * (4 * 0.25 + 0.5 * 9))
    value.backward()
    torch.testing.assert_close(network.weight.grad, torch.tensor([[0.4, -0.3]]))


@given(st.integers(0, 2**32 - 1), st.floats(0, 2))
def test_equal_importance_is_the_pull_of_l2(seed, strength):
    torch.manual_seed(seed)
    network = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4)).double()
    names = ["0.weight", "1.weight", "1.bias"]
    old = {name: torch.randn_like(network.get_parameter(name)) for name in names}
    even = {name: torch.ones_like(value) for name, value in old.items()}
    held, pull = Elastic(old, even, strength)(network), Pull(old, 0, strength)(network)
    torch.testing.assert_close(held, pull)
    mine = torch.autograd.grad(held, list(network.parameters()), materialize_grads=True)
    theirs = torch.autograd.grad(pull, list(network.parameters()), materialize_grads=True)
    torch.testing.assert_close(mine, theirs)


def test_the_penalty_leaves_new_and_frozen_weights_alone():
    network = nn.Sequential(nn.Linear(1, 1), nn.Linear(1, 1))
    old = {name: value + 1 for name, value in weights_of(network).items() if name != "1.bias"}
    network[0].requires_grad_(False)
    # Neither needs an importance.
    value = Elastic(old, {"1.weight": torch.tensor([[3.0]])}, 2.0)(network)
    assert value.item() == pytest.approx(3)
    value.backward()
    assert network[1].bias.grad is None and network[0].weight.grad is None


def test_nothing_to_hold_is_a_zero_that_can_be_added():
    value = Elastic({}, {}, 1.0)(nn.Linear(1, 1))
    assert value.shape == () and (torch.ones(2) + value).tolist() == [1, 1]
