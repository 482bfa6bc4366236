"""A mean of the old and the new weights: between two models that both know something."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn


@torch.no_grad()
def average_with(network: nn.Module, old: Mapping[str, Tensor], share: float) -> None:
    """Move a network that went on from another one a part of the way back.

    It costs nothing and needs no image. Means and variances of batch norm are averaged, too.

    Args:
        network: as training left it; changed in place.
        old: the state dict of the network that it went on from; what has no old value, such as the
            rows of new leaves, stays as it is.
        share: of the old values in the result, 0 to 1.

    Source: Wortsman et al., "Robust fine-tuning of zero-shot models" (WiSE-FT), 2022, eq. 1.
    """
    for name, value in network.state_dict().items():
        if name in old and value.is_floating_point():
            value.lerp_(old[name].to(value.device), share)
