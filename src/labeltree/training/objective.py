"""What a step of training minimises."""

from __future__ import annotations

from torch import Tensor

from labeltree.methods.protocol import Method


class Objective:
    """The method's own loss; see `labeltree.streaming` for more that can be asked of a step."""

    def mode(self, method: Method) -> None:
        """Put a method into training mode, before each epoch."""
        method.train()

    def remedy(self, learning_rate: float) -> str:
        """What to try if the loss is no number, from the peak that it was trained with."""
        lower = f"training.optimizer.learning_rate={learning_rate / 10:g}"
        return f"lower the peak: --set {lower}"

    def __call__(
        self,
        method: Method,
        images: Tensor,
        outputs: tuple[Tensor, ...],
        targets: Tensor,
        label_smoothing: float,
    ) -> Tensor:
        """The loss of each image.

        Args:
            method: the bare method, not wrapped for several processes.
            images: `(B, 3, H, W)`.
            outputs: what the method's `forward` returned for them.
            targets: node numbers `(B,)`, or label sets `(B, K)`.
            label_smoothing: share of each target that is spread over all classes.

        Returns:
            float32 `(B,)`.
        """
        return method.loss(outputs, targets, label_smoothing)
