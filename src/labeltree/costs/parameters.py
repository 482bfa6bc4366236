"""How many values a network learns."""

from __future__ import annotations

from torch import nn


def num_parameters(network: nn.Module) -> int:
    """Number of learned values; fitted and frozen ones are not counted.

    >>> num_parameters(nn.Linear(3, 2))
    8
    """
    return sum(parameter.numel() for parameter in network.parameters())
