import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from small_training import small_method
from torch import nn

from labeltree.streaming.pull import Pull, changes, weights_of


def linear() -> nn.Linear:
    """Weights (1, -2), bias 3."""
    network = nn.Linear(2, 1)
    with torch.no_grad():
        network.weight.copy_(torch.tensor([[1.0, -2.0]]))
        network.bias.fill_(3)
    return network


OLD = {"weight": torch.tensor([[0.5, 1.0]]), "bias": torch.tensor([3.0])}  # changes 0.5, -3 and 0


@pytest.mark.parametrize(
    ("l1", "l2", "penalty", "slopes"),
    [
        (0.1, 0, 0.1 * 3.5, [0.1, -0.1]),
        (0, 0.2, 0.1 * (0.25 + 9), [0.1, -0.6]),
        (0.1, 0.2, 0.35 + 0.925, [0.2, -0.7]),
        (0, 0, 0, [0, 0]),
    ],
)
def test_two_weights_and_a_bias_by_hand(l1, l2, penalty, slopes):
    network = linear()
    value = Pull(OLD, l1, l2)(network)
    assert value.shape == () and value.item() == pytest.approx(penalty)
    value.backward()
    torch.testing.assert_close(network.weight.grad, torch.tensor([slopes]), check_dtype=False)
    assert network.bias.grad.item() == 0


@given(st.integers(0, 2**32 - 1), st.floats(0, 2), st.floats(0, 2))
def test_gradient_and_value_of_any_change(seed, l1, l2):
    torch.manual_seed(seed)
    network = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2)).double()
    old = {name: torch.randn_like(weight) for name, weight in network.named_parameters()}
    value = Pull(old, l1, l2)(network)
    value.backward()
    expected = 0.0
    for name, weight in network.named_parameters():
        change = (weight - old[name]).detach()
        torch.testing.assert_close(weight.grad, l1 * change.sign() + l2 * change)
        expected += sum(l1 * abs(x) + l2 / 2 * x * x for x in change.flatten().tolist())
    assert math.isclose(value.item(), expected, rel_tol=1e-9, abs_tol=1e-12)


def test_nothing_pulls_where_the_old_weights_are():
    network = linear()
    value = Pull(weights_of(network), 1, 1)(network)
    value.backward()
    assert value.item() == 0
    assert all((weight.grad == 0).all() for weight in network.parameters())


def test_what_has_no_old_value_is_free():
    network = linear()
    value = Pull({"bias": torch.tensor([1.0])}, 0, 1)(network)
    value.backward()
    assert value.item() == 2 and network.bias.grad.item() == 2
    assert network.weight.grad is None


def test_old_values_that_the_network_lacks_do_nothing():
    assert Pull({**OLD, "gone": torch.ones(7)}, 1, 0)(linear()).item() == 3.5


def test_frozen_weights_cost_nothing():
    network = linear()
    network.weight.requires_grad_(False)
    pull = Pull({"weight": OLD["weight"], "bias": torch.tensor([2.0])}, 1, 0)
    assert [name for name, _ in changes(network, pull.old)] == ["bias"]
    assert pull(network).item() == 1


def test_nothing_to_pull_is_a_zero_that_can_be_added():
    value = Pull({}, 1, 1)(linear())
    assert value.shape == () and (torch.ones(3) + value).tolist() == [1, 1, 1]


def test_old_weights_are_a_copy():
    method = small_method()
    old = weights_of(method)
    assert list(old) == [name for name, _ in method.named_parameters()]
    before = {name: value.clone() for name, value in old.items()}
    with torch.no_grad():
        for weight in method.parameters():
            weight.add_(1)
    assert not any(value.requires_grad for value in old.values())
    assert all(torch.equal(old[name], value) for name, value in before.items())
    count = sum(weight.numel() for weight in method.parameters())
    assert Pull(old, 1, 0)(method).item() == pytest.approx(count, rel=1e-5)


def test_the_pull_of_l2_alone_ends_at_the_old_weights():
    network = linear()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.5)
    for _ in range(40):
        optimizer.zero_grad()
        Pull(OLD, 0, 1)(network).backward()
        optimizer.step()
    for name, weight in network.named_parameters():
        torch.testing.assert_close(weight.detach(), OLD[name])
