"""What every backbone is: a list of stages that can be cut, and a pool that ends in one vector."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable

from torch import Tensor, nn

from labeltree.errors import ConfigError


class Backbone(nn.Module):
    """A convolutional network without its classifier.

    Each stage maps feature maps `(B, C, H, W)` to `(B, C', H', W')` and needs nothing but its
    input, so the network can be cut after any of them; stage 0 includes the stem. The pool maps
    the last feature maps to `(B, num_features)`, with whatever norm and activation come before.

    Args:
        stages: the stages, first to last.
        pool: the last feature maps to one vector for each image.
        num_features: length of that vector.
        logit_scale: factor on the outputs of `classifier`; 1 for most networks.
        auxiliary: heads that are trained along with the network; most networks have none.

    Attributes:
        stages: `nn.ModuleList`.
        pool: `nn.Module`.
        num_features: int.
        logit_scale: float.
        auxiliary: `nn.ModuleList` of `Auxiliary`.
    """

    def __init__(
        self,
        stages: Iterable[nn.Module],
        pool: nn.Module,
        num_features: int,
        logit_scale: float = 1.0,
        auxiliary: Iterable[Auxiliary] = (),
    ) -> None:
        super().__init__()
        self.stages = nn.ModuleList(stages)
        self.pool = pool
        self.num_features = num_features
        self.logit_scale = logit_scale
        self.auxiliary = nn.ModuleList(auxiliary)

    def forward(self, images: Tensor) -> Tensor:
        """Features `(B, num_features)` of normalised images `(B, 3, H, W)`."""
        maps = images
        for stage in self.stages:
            maps = stage(maps)
        features: Tensor = self.pool(maps)
        return features

    def with_auxiliary(self, images: Tensor) -> tuple[Tensor, ...]:
        """Those features, and then what each auxiliary head makes of the maps that it reads."""
        maps, others = images, []
        for number, stage in enumerate(self.stages, start=1):
            maps = stage(maps)
            others += [head(maps) for head in self.auxiliary if head.after == number]
        return (self.pool(maps), *others)

    def cut(self, point: int) -> tuple[nn.Sequential, nn.Sequential]:
        """The network in two: the first `point` stages; the other stages and the pool.

        Both halves share the weights of this network: `rest(trunk(images))` equals
        `self(images)`. For several independently initialised branches, build the backbone several
        times and keep the second half of each.

        Args:
            point: 0 (the trunk is empty) to `len(stages)` (the rest is only the pool).

        Raises:
            ConfigError: if there is no such point, or if the network has auxiliary heads.
        """
        if len(self.auxiliary):
            raise ConfigError(
                "a network with auxiliary heads cannot be cut: its parts would not train them; "
                "leave out +aux"
            )
        if not 0 <= point <= len(self.stages):
            raise ConfigError(
                f"merge point {point} does not exist: this backbone has {len(self.stages)} "
                f"stages, choose 0 to {len(self.stages)}"
            )
        stages = list(self.stages)
        return nn.Sequential(*stages[:point]), nn.Sequential(*stages[point:], self.pool)

    def classifier(self, num_outputs: int) -> nn.Module:
        """A fresh linear classifier for these features: `(B, num_features)` to logits."""
        return ScaledLinear(self.num_features, num_outputs, self.logit_scale)


class Auxiliary(nn.Module):
    """A head in the middle of a network: trained along, and left out ever after.

    A classifier of its own behind it gives the early stages a loss that does not come through the
    later ones; the batch norm in it regularises the network.

    Args:
        network: maps to features `(B, num_features)`.
        after: how many stages the maps have been through.
        num_features: length of what it ends in.
        weight: of its loss, beside that of the whole network: 0.4 in PyTorch's tutorial "Finetuning
            torchvision models", for Inception-v3.

    Source: Szegedy et al., "Rethinking the Inception architecture for computer vision", 2016,
    arXiv 1512.00567, section 4.
    """

    def __init__(
        self, network: nn.Module, after: int, num_features: int, weight: float = 0.4
    ) -> None:
        super().__init__()
        self.network = network
        self.after = after
        self.num_features = num_features
        self.weight = weight

    def forward(self, maps: Tensor) -> Tensor:
        """Features `(B, num_features)` of feature maps `(B, C, H, W)`."""
        features: Tensor = self.network(maps)
        return features

    def classifier(self, num_outputs: int) -> nn.Module:
        """A fresh linear classifier for these features: `(B, num_features)` to logits."""
        return ScaledLinear(self.num_features, num_outputs)


class ScaledLinear(nn.Linear):
    """A linear layer whose outputs are multiplied by a constant.

    A factor below 1 keeps the first predictions soft and the gradients small under a high
    learning rate (Page, "How to train your ResNet", part 4, uses 1/8).
    """

    def __init__(self, in_features: int, out_features: int, scale: float = 1.0) -> None:
        super().__init__(in_features, out_features)
        self.scale = scale

    def forward(self, features: Tensor) -> Tensor:
        """Logits `(B, out_features)` of features `(B, in_features)`."""
        logits = super().forward(features)
        return logits if self.scale == 1.0 else logits * self.scale


class FittedStem(nn.Module, ABC):
    """A first layer whose weights are computed from training images instead of being learned."""

    @abstractmethod
    def fit(self, images: Tensor) -> None:
        """Set the weights from normalised training images `(B, 3, H, W)`."""


def prepare(network: nn.Module, images: Tensor) -> None:
    """Fit every layer of a network that is computed from data; most networks have none.

    Call it once, before training, on a whole method or a part of it: a stem is found wherever
    the cut has put it. The weights travel in the state dict, so a loaded model needs no call.

    Args:
        network: a backbone, or anything that contains some.
        images: a few thousand training images `(B, 3, H, W)`, float, normalised as in training.
    """
    for module in network.modules():
        if isinstance(module, FittedStem):
            module.fit(images)
