"""A pull towards the old weights: the weights that streaming may change, it changes little."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from torch import Tensor, nn

OldWeights = Mapping[str, Tensor]
"""Old values by the names that the parameters have in the network that goes on."""


def weights_of(network: nn.Module) -> dict[str, Tensor]:
    """A copy of all parameters by name."""
    return {name: weight.detach().clone() for name, weight in network.named_parameters()}


def changes(network: nn.Module, old: OldWeights) -> Iterator[tuple[str, Tensor]]:
    """How far the parameters have come from their old values, by name.

    Those without an old value, such as the rows of new leaves, are free; frozen ones never moved.
    Old values are best kept on the device of the network, else they are sent there at every call.

    Args:
        network: that goes on.
        old: values of the shapes of its parameters.
    """
    for name, weight in network.named_parameters():
        if name in old and weight.requires_grad:
            yield name, weight - old[name].to(weight.device)


@dataclass(frozen=True, eq=False)
class Pull:
    """A penalty on the distance from the old weights.

    The thesis writes regularisation as a bias "against changing too drastically", but its formulas
    sum the weights themselves, which pulls towards zero: an old model would be unlearned faster.
    Here it is the change that costs: λ₁ Σ |w − w₀| + λ₂/2 Σ (w − w₀)².

    Attributes:
        old: w₀; see `changes`.
        l1: λ₁.
        l2: λ₂.

    Source: paper 003, section 5.2.2; Xuhong et al. 2018 ("L2-SP").
    """

    old: OldWeights
    l1: float = 0.0
    l2: float = 0.0

    def __call__(self, network: nn.Module) -> Tensor:
        """The penalty, a scalar."""
        total = next(network.parameters()).new_zeros(())
        for _, change in changes(network, self.old):
            total = total + self.l1 * change.abs().sum() + self.l2 / 2 * change.square().sum()
        return total
