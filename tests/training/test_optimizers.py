import pytest
import torch
from torch import nn

from labeltree.training.optimizers import OPTIMIZERS, OptimizerConfig, make_optimizer


def model() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_lowers_a_loss(name: str) -> None:
    network = model()
    optimizer = make_optimizer(network, OptimizerConfig(name=name, learning_rate=0.01))
    inputs, wanted = torch.randn(32, 4), torch.randint(2, (32,))
    losses = []
    for _ in range(30):
        loss = nn.functional.cross_entropy(network(inputs), wanted)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < losses[0]


def test_only_weights_are_decayed_unless_asked_for() -> None:
    decayed, plain = make_optimizer(model(), OptimizerConfig()).param_groups
    assert [p.ndim for p in decayed["params"]] == [2, 2]
    assert len(plain["params"]) == 4 and plain["weight_decay"] == 0
    (everything,) = make_optimizer(model(), OptimizerConfig(decay="all")).param_groups
    assert len(everything["params"]) == 6 and everything["weight_decay"] > 0


def test_frozen_parameters_are_left_out() -> None:
    network = model()
    network[0].requires_grad_(False)
    groups = make_optimizer(network, OptimizerConfig()).param_groups
    assert sum(len(group["params"]) for group in groups) == 4


def test_sgd_is_nesterov() -> None:
    assert make_optimizer(model(), OptimizerConfig()).param_groups[0]["nesterov"] is True


def test_rmsprop_by_hand() -> None:
    """Paper 000: a running average of squared gradients with decay 0.999, and nothing else."""
    weights = nn.Parameter(torch.tensor([[1.0, -2.0]]))
    network = nn.Module()
    network.weights = weights
    config = OptimizerConfig(name="rmsprop", learning_rate=0.01, momentum=0.0, weight_decay=0.0)
    optimizer = make_optimizer(network, config)
    expected, average = [1.0, -2.0], [0.0, 0.0]
    for gradients in ([0.5, -3.0], [0.1, 4.0], [0.0, 1e-3]):
        weights.grad = torch.tensor([gradients])
        optimizer.step()
        average = [0.999 * a + 0.001 * g**2 for a, g in zip(average, gradients, strict=True)]
        expected = [
            w - 0.01 * g / (a**0.5 + 1e-8)
            for w, g, a in zip(expected, gradients, average, strict=True)
        ]
        assert weights.detach()[0].tolist() == pytest.approx(expected, abs=1e-6)
    (state,) = optimizer.state.values()
    assert set(state) == {"step", "square_avg"}, "a single running average for each parameter"


def test_the_first_step_of_rmsprop_is_32_times_the_learning_rate() -> None:
    network = nn.Linear(1, 1, bias=False)
    before = network.weight.item()
    config = OptimizerConfig(name="rmsprop", learning_rate=0.01, momentum=0.0, weight_decay=0.0)
    optimizer = make_optimizer(network, config)
    network.weight.grad = torch.tensor([[-7.0]])
    optimizer.step()
    assert network.weight.item() - before == pytest.approx(0.01 / (1 - 0.999) ** 0.5, rel=1e-4)


def test_the_decay_of_rmsprop_is_part_of_the_gradient() -> None:
    """L2: scaled by the running average like the rest, unlike AdamW's."""
    network = nn.Linear(1, 1, bias=False)
    before = network.weight.item()
    config = OptimizerConfig(name="rmsprop", learning_rate=0.01, momentum=0.0, weight_decay=0.5)
    optimizer = make_optimizer(network, config)
    network.weight.grad = torch.tensor([[-0.1 * before]])  # outweighed by the decay, 0.5 * before
    optimizer.step()
    total = 0.4 * before
    step = 0.01 * total / ((0.001 * total**2) ** 0.5 + 1e-8)
    assert network.weight.item() == pytest.approx(before - step, rel=1e-4)
