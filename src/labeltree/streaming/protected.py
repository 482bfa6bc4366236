"""What streaming training minimises: the new images' loss, and what it costs to forget."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from torch import Tensor, nn

from labeltree.losses.leaf_targets import LeafTargets
from labeltree.methods.protocol import Method
from labeltree.streaming.distillation import Distillation
from labeltree.training.objective import Objective


@dataclass(frozen=True, eq=False)
class Protected(Objective):
    """The method's loss with protections against forgetting.

    Attributes:
        penalties: from the network to a scalar, added to the loss of each image.
        distillation: added image by image; None is none.
        frozen: modules that stay in evaluation mode.
        leaf_targets: tells which leaves an image shows, for the distillation; None tells nothing.
    """

    penalties: Sequence[Callable[[nn.Module], Tensor]] = ()
    distillation: Distillation | None = None
    frozen: Sequence[nn.Module] = ()
    leaf_targets: LeafTargets | None = None

    def mode(self, method: Method) -> None:
        """See `Objective`."""
        method.train()
        for module in self.frozen:
            module.eval()

    def remedy(self, learning_rate: float) -> str:
        """See `Objective`."""
        return (
            f"lower the peak, --learning-rate {learning_rate / 10:g}, or the strengths that follow "
            "--protect"
        )

    def __call__(
        self,
        method: Method,
        images: Tensor,
        outputs: tuple[Tensor, ...],
        targets: Tensor,
        label_smoothing: float,
    ) -> Tensor:
        """See `Objective`."""
        losses = method.loss(outputs, targets, label_smoothing)
        if self.distillation is not None:
            told = None
            if self.leaf_targets is not None:
                told, _ = self.leaf_targets(outputs[0].detach(), targets)
            losses = losses + self.distillation(images, outputs, told)
        for penalty in self.penalties:
            losses = losses + penalty(method)
        return losses
