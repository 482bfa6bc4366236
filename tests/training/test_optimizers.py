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
