import pytest
from torch import nn

from labeltree.streaming.averaging import average_with


def network(value: float) -> nn.Module:
    layers = nn.Sequential(nn.Linear(2, 1), nn.BatchNorm1d(1))
    for tensor in layers.state_dict().values():
        tensor.fill_(value)
    return layers


@pytest.mark.parametrize(("share", "expected"), [(0, 8.0), (0.25, 7.0), (1, 4.0)])
def test_every_weight_and_statistic_by_hand(share, expected):
    new = network(8)
    average_with(new, network(4).state_dict(), share)
    found = new.state_dict()
    steps = found.pop("1.num_batches_tracked")
    assert steps == 8  # counted, not averaged
    assert all((value == expected).all() for value in found.values())


def test_what_has_no_old_value_stays():
    new, old = network(8), network(4).state_dict()
    del old["0.weight"]
    average_with(new, old, 0.5)
    assert (new[0].weight == 8).all() and (new[0].bias == 6).all()


def test_the_old_network_stays_and_nothing_is_recorded():
    new, old = network(8), network(4)
    average_with(new, old.state_dict(), 0.5)
    assert (old[0].weight == 4).all()
    assert new[0].weight.requires_grad and new[0].weight.is_leaf and new[0].weight.grad is None
