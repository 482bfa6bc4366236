"""How much room a network's weights take."""

from __future__ import annotations

from torch import nn

MEGABYTE = 1_000_000


def weight_mb(network: nn.Module) -> float:
    """Megabytes (10⁶ bytes) of the state dict: what a model file holds, but for its header.

    Fitted and frozen values and the statistics of batch norm are part of it.

    >>> weight_mb(nn.Linear(3, 2))
    3.2e-05
    """
    values = network.state_dict().values()
    return sum(value.numel() * value.element_size() for value in values) / MEGABYTE
