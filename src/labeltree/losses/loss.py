"""What every loss is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from torch import Tensor, nn

from labeltree.taxonomy import Taxonomy


class Loss(nn.Module, ABC):
    """A loss for targets that are nodes, built once for a taxonomy.

    Its tables are buffers, so they move with `.to(device)`; they are not part of the state dict.

    Attributes:
        output_sizes: number of columns of each tensor of logits that it expects.
        takes_label_sets: whether a target may be several nodes.
        takes_label_smoothing: whether `forward` takes any, else it raises ConfigError.
    """

    output_sizes: tuple[int, ...]
    takes_label_sets: ClassVar[bool] = False
    takes_label_smoothing: ClassVar[bool] = True

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
            targets: node numbers, int64 `(B,)`; inner nodes are known only that deep. Or, if the
                loss takes them, label sets `(B, K)`; see `labeltree.taxonomy.label_sets`.
            label_smoothing: share of the target that is spread evenly over all classes.

        Returns:
            float32 `(B,)`.
        """
