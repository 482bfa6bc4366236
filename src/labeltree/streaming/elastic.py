"""Elastic weight consolidation: what mattered for the old images may change least."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from labeltree.methods.protocol import Method
from labeltree.streaming.pull import OldWeights

Importance = Mapping[str, Tensor]


def importance(method: Method, batches: Iterable[tuple[Tensor, Tensor]]) -> dict[str, Tensor]:
    """How much each weight matters for images: the mean square of its gradient, image by image.

    It is the diagonal of the empirical Fisher information, in units of its own mean over all
    weights: so the strength of the penalty means the same for any loss and network, that of an
    ordinary L2 pull which is dealt out anew.

    Args:
        method: as it was trained; it is left as it is.
        batches: images and targets, on the device of the method.

    Returns:
        Parameter name to a tensor of its shape; the mean over all weights is 1.

    Source: Kirkpatrick et al., "Overcoming catastrophic forgetting in neural networks", 2017.
    """
    was_training = method.training
    method.eval()
    squares = {name: torch.zeros_like(weight) for name, weight in method.named_parameters()}
    for images, targets in batches:
        for place in range(len(images)):
            one = slice(place, place + 1)
            method.zero_grad(set_to_none=True)
            method.loss(method(images[one]), targets[one]).sum().backward()
            for name, weight in method.named_parameters():
                if weight.grad is not None:
                    squares[name] += weight.grad.square()
    method.zero_grad(set_to_none=True)
    method.train(was_training)
    values = sum(square.numel() for square in squares.values())
    mean = sum(float(square.sum(dtype=torch.float64)) for square in squares.values()) / values
    return {name: square / mean if mean else square for name, square in squares.items()}


@dataclass(frozen=True, eq=False)
class Elastic:
    """λ/2 Σ F (w − w₀)², F the importance of each weight.

    Attributes:
        old: w₀, by parameter name; what has no old value is free.
        importance: F, by the same names.
        strength: λ.
    """

    old: OldWeights
    importance: Importance
    strength: float

    def __call__(self, network: nn.Module) -> Tensor:
        """The penalty, a scalar."""
        total = next(network.parameters()).new_zeros(())
        for name, weight in network.named_parameters():
            if name in self.old and weight.requires_grad:
                change = weight - self.old[name].to(weight.device)
                total = total + (self.importance[name].to(weight.device) * change.square()).sum()
        return self.strength / 2 * total
