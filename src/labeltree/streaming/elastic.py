"""Elastic weight consolidation: what mattered for the old images may change least."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from labeltree.methods.protocol import Method
from labeltree.streaming.pull import OldWeights, changes

Importance = Mapping[str, Tensor]

LARGEST = 100.0
"""Importance that no weight exceeds, in units of the mean.

A few weights matter far more than that: up to 23,000 times as much as the mean in a resnet18-w32
after 30 steps. They would not be held but thrown about: steps overshoot more and more where
learning rate × strength × importance exceeds 1.36 (SGD, Nesterov momentum 0.9), which at a rate of
0.1 allows a strength of 0.13.
"""


def importance(method: Method, batches: Iterable[tuple[Tensor, Tensor]]) -> dict[str, Tensor]:
    """How much each weight matters for images: the mean square of its gradient, image by image.

    It is the diagonal of the empirical Fisher information, in units of its own mean over all
    weights: so the strength of the penalty means the same for any loss and network, that of an
    ordinary L2 pull which is dealt out anew.

    Args:
        method: as it was trained; it is left as it is.
        batches: images and targets, on the device of the method.

    Returns:
        Parameter name to a tensor of its shape, for all parameters that are not frozen. The mean
        over all weights is 1, before what exceeds `LARGEST` is cut down to it; all are 0 if no
        image has any gradient.

    Source: Kirkpatrick et al., "Overcoming catastrophic forgetting in neural networks", 2017.
    """
    modes = {module: module.training for module in method.modules()}
    method.eval()
    weights = {name: weight for name, weight in method.named_parameters() if weight.requires_grad}
    squares = {name: torch.zeros_like(weight) for name, weight in weights.items()}
    for images, targets in batches:
        for image, target in zip(images.split(1), targets.split(1), strict=True):
            loss = method.loss(method(image), target).sum()
            gradients = torch.autograd.grad(loss, list(weights.values()), materialize_grads=True)
            for square, gradient in zip(squares.values(), gradients, strict=True):
                square += gradient.square()
    for module, training in modes.items():
        module.training = training
    values = sum(square.numel() for square in squares.values())
    mean = sum(float(square.sum(dtype=torch.float64)) for square in squares.values()) / values
    return {name: (square / (mean or 1)).clamp(max=LARGEST) for name, square in squares.items()}


@dataclass(frozen=True, eq=False)
class Elastic:
    """λ/2 Σ F (w − w₀)², F the importance of each weight.

    Attributes:
        old: w₀, by parameter name; see `labeltree.streaming.pull.changes`.
        importance: F, by the same names.
        strength: λ.
    """

    old: OldWeights
    importance: Importance
    strength: float

    def __call__(self, network: nn.Module) -> Tensor:
        """The penalty, a scalar."""
        total = next(network.parameters()).new_zeros(())
        for name, change in changes(network, self.old):
            total = total + (self.importance[name].to(change.device) * change.square()).sum()
        return self.strength / 2 * total
