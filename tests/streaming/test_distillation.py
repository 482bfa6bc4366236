import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, rel_entr
from small_training import TREE, small_collection, small_method
from torch import nn

from labeltree.methods.protocol import Method
from labeltree.streaming.distillation import TEMPERATURE, Distillation

IMAGES = torch.from_numpy(small_collection(8).images.array).permute(0, 3, 1, 2) / 64 - 2


class Given(Method):
    """Answers with the same logits whatever it is shown."""

    def __init__(self, logits):
        super().__init__(TREE)
        self.logits = nn.Parameter(logits)

    def forward(self, images):
        return (self.logits,)

    def loss(self, outputs, targets, label_smoothing=0.0):
        raise NotImplementedError

    def node_probabilities(self, outputs):
        raise NotImplementedError


def distance(old, new, columns=None, strength=1.0):
    columns = torch.arange(old.shape[1]) if columns is None else torch.tensor(columns)
    return Distillation(Given(old), columns, strength)(IMAGES[: len(old)], (new,))


def test_two_labels_by_hand():
    # At temperature 2 the old scores are 0.8 and 0.5, the new ones 0.5 and 0.5.
    old = torch.tensor([[2 * math.log(4), 0.0]])
    value = distance(old, torch.zeros(1, 2), strength=0.5)
    apart = 0.8 * math.log(0.8 / 0.5) + 0.2 * math.log(0.2 / 0.5)
    assert value.shape == (1,) and value.item() == pytest.approx(0.5 * 4 * apart)


@given(st.integers(0, 2**32 - 1), st.integers(1, 5), st.integers(1, 6), st.floats(0, 3))
def test_equals_the_divergence_of_scipy(seed, count, labels, strength):
    random = np.random.default_rng(seed)
    old, new = random.normal(scale=4, size=(2, count, labels))
    value = distance(torch.tensor(old).float(), torch.tensor(new).float(), strength=strength)
    p, q = expit(old / TEMPERATURE), expit(new / TEMPERATURE)
    expected = strength * TEMPERATURE**2 * (rel_entr(p, q) + rel_entr(1 - p, 1 - q)).sum(1)
    np.testing.assert_allclose(value.detach(), expected, rtol=1e-4, atol=1e-5)


@given(st.integers(0, 2**32 - 1), st.floats(0.1, 200))
def test_equal_scores_cost_exactly_nothing(seed, scale):
    logits = scale * torch.randn(4, 7, generator=torch.Generator().manual_seed(seed))
    assert distance(logits, logits.clone()).tolist() == [0] * 4


def test_only_the_columns_of_old_labels_count():
    old = torch.tensor([[1.0, -1.0]])
    new = torch.tensor([[-1.0, 9.0, 1.0]], requires_grad=True)
    value = distance(old, new, columns=[2, 0])
    assert value.item() == 0
    distance(old, new, columns=[0, 2]).sum().backward()
    assert new.grad[0, 1] == 0 and (new.grad[0, [0, 2]] != 0).all()


def test_the_gradient_moves_towards_the_old_scores():
    generator = torch.Generator().manual_seed(0)
    old, new = 3 * torch.randn(2, 5, 4, generator=generator)
    new = new.requires_grad_()
    before = distance(old, new, strength=0.7)
    before.sum().backward()
    apart = (new / TEMPERATURE).sigmoid() - (old / TEMPERATURE).sigmoid()
    torch.testing.assert_close(new.grad, 0.7 * TEMPERATURE * apart.detach())
    after = distance(old, new.detach() - 0.1 * new.grad, strength=0.7)
    assert (after < before).all()


def test_labels_that_sleep_in_both_are_at_rest():
    asleep = torch.full((1, 2), -128.0)
    new = asleep.clone().requires_grad_()
    value = distance(asleep, new)
    value.sum().backward()
    assert value.item() == 0 and new.grad.abs().max() == 0


def test_the_old_model_learns_nothing():
    old, new = small_method(), small_method()
    with torch.no_grad():
        new.head.weight.add_(0.1)
    old.train()  # as a training left it
    state = {name: value.clone() for name, value in old.state_dict().items()}
    distillation = Distillation(old, torch.arange(TREE.num_leaves), 1.0)
    distillation(IMAGES, new(IMAGES)).sum().backward()
    assert not any(module.training for module in old.modules())
    assert all(weight.grad is None for weight in old.parameters())
    assert all(torch.equal(value, state[name]) for name, value in old.state_dict().items())
    assert new.head.weight.grad.abs().max() > 0


def test_a_copy_of_the_old_model_agrees_with_it():
    old, new = small_method().eval(), small_method().eval()
    value = Distillation(old, torch.arange(TREE.num_leaves), 1.0)(IMAGES, new(IMAGES))
    assert value.tolist() == [0] * len(IMAGES)


def test_image_by_image():
    old, new = small_method().eval(), small_method().eval()
    with torch.no_grad():
        new.head.weight.mul_(3)
    distillation = Distillation(old, torch.arange(TREE.num_leaves), 1.0)
    together = distillation(IMAGES, new(IMAGES))
    alone = torch.cat([distillation(image, new(image)) for image in IMAGES.split(1)])
    assert together.min() > 0 and together.dtype == torch.float32
    torch.testing.assert_close(together, alone, rtol=1e-3, atol=1e-5)


def test_rounded_outputs_are_compared_in_full_precision():
    old = torch.tensor([[0.3, -1.7, 4.1]])
    rounded = torch.tensor([[0.1, -1.2, 4.3]], dtype=torch.bfloat16, requires_grad=True)
    value = distance(old, rounded)
    assert value.dtype == torch.float32
    assert torch.equal(value, distance(old, rounded.float()))
    assert torch.equal(distance(rounded.detach(), old), distance(rounded.detach().float(), old))
    value.sum().backward()
    assert rounded.grad.dtype == torch.bfloat16 and (rounded.grad != 0).all()


@pytest.mark.parametrize("inside", [True, False])
def test_under_autocast(inside):
    """Wherever the loss is taken, bfloat16 only adds its rounding to what float32 says."""
    old, new = small_method().eval(), small_method().eval()
    with torch.no_grad():
        new.head.weight.mul_(2)
    distillation = Distillation(old, torch.arange(TREE.num_leaves), 1.0)
    expected = distillation(IMAGES, new(IMAGES))
    with torch.autocast("cpu", torch.bfloat16):
        outputs = new(IMAGES)
        value = distillation(IMAGES, outputs) if inside else None
    assert outputs[0].dtype == torch.bfloat16
    value = distillation(IMAGES, outputs) if value is None else value
    assert value.dtype == torch.float32
    torch.testing.assert_close(value, expected, rtol=0.1, atol=0.01)


def test_what_an_image_is_told_to_show_is_learned():
    old, new = torch.tensor([[1.0, -1.0], [1.0, -1.0]]), torch.zeros(2, 3, requires_grad=True)
    distillation = Distillation(Given(old), torch.tensor([0, 2]), 1.0)
    told = torch.tensor([[True, False, False], [False, True, False]])
    value = distillation(IMAGES[:2], (new,), told)
    free = distillation(IMAGES[:2], (new,))
    assert 0 < value[0] < free[0] and value[1] == free[1]  # the middle leaf is new
    value.sum().backward()
    assert (new.grad != 0).tolist() == [[False, False, True], [True, False, True]]
