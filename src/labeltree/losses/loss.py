"""What every loss is."""

from __future__ import annotations

from abc import ABC, abstractmethod

from torch import Tensor, nn

from labeltree.taxonomy import Taxonomy


class Loss(nn.Module, ABC):
    """A loss for targets that are nodes, built once for a taxonomy.

    Its tables are buffers, so they move with `.to(device)`; they are not part of the state dict.

    Attributes:
        output_sizes: number of columns of each tensor of logits that it expects.
    """

    output_sizes: tuple[int, ...]

    @abstractmethod
    def __init__(self, taxonomy: Taxonomy) -> None:
        super().__init__()

    @abstractmethod
    def forward(
        self, outputs: tuple[Tensor, ...], targets: Tensor, label_smoothing: float = 0.0
    ) -> Tensor:
        """The loss of each image.

        Args:
            outputs: logits, tensor i of shape `(B, output_sizes[i])`.
            targets: node numbers, int64 `(B,)`; inner nodes are known only that deep.
            label_smoothing: share of the target that is spread evenly over all classes.

        Returns:
            float32 `(B,)`.
        """
