"""What every method is: a network, its loss, and the way to node probabilities."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Protocol

from torch import Tensor, nn

from labeltree.backbones import Backbone, prepare
from labeltree.taxonomy import Taxonomy


class NewBackbone(Protocol):
    """Gives a freshly initialised backbone at each call."""

    def __call__(self, name: str | None = None) -> Backbone:
        """A backbone by name; None for that of the recipe."""


class Method(nn.Module, ABC):
    """A network that learns labels of a taxonomy and ends in node probabilities.

    Training, decoding, metrics and export know a method only by this class. Tables that follow
    from the taxonomy are buffers outside the state dict, so that the state dict holds what was
    learned and nothing else.

    Attributes:
        taxonomy: the label tree.
        exclusive: whether labels exclude each other; if not, `presence` tells more.
    """

    exclusive: ClassVar[bool] = True

    def __init__(self, taxonomy: Taxonomy) -> None:
        super().__init__()
        self.taxonomy = taxonomy

    @abstractmethod
    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Logits of normalised images `(B, 3, H, W)`; what each tensor means is the method's.

        In training mode there may be more tensors than in evaluation, for `loss` alone.
        """

    @abstractmethod
    def loss(
        self, outputs: tuple[Tensor, ...], targets: Tensor, label_smoothing: float = 0.0
    ) -> Tensor:
        """What training minimises.

        Args:
            outputs: what `forward` returned.
            targets: node numbers, int64 `(B,)`; an inner node is known only that deep.
            label_smoothing: share of each target that is spread over all classes, in [0, 1).

        Returns:
            The loss of each image, float32 `(B,)`.
        """

    @abstractmethod
    def node_probabilities(self, outputs: tuple[Tensor, ...]) -> Tensor:
        """Probabilities of all nodes, float32 `(B, num_nodes)`; every cut sums to 1."""

    def presence(self, outputs: tuple[Tensor, ...]) -> Tensor:
        """How sure it is of each leaf by itself; only where labels do not exclude each other.

        Returns:
            float32 `(B, num_leaves)` in [0, 1]; a row sums to anything.
        """
        raise NotImplementedError(f"the labels of {type(self).__name__} exclude each other")

    def prepare(self, images: Tensor) -> None:
        """Fit the layers that are computed from data, in every backbone alike, before training.

        Args:
            images: a few thousand training images `(B, 3, H, W)`, normalised as in training.
        """
        prepare(self, images)
