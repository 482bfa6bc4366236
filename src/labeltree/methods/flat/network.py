"""One softmax over the leaves."""

from __future__ import annotations

from torch import Tensor

from labeltree.backbones import Backbone
from labeltree.losses import NodeCrossEntropy
from labeltree.methods.protocol import Method
from labeltree.methods.roll_up import RollUp
from labeltree.taxonomy import Taxonomy


class Flat(Method):
    """A backbone and one softmax over all leaves; inner nodes get the sum of their leaves.

    `forward` returns one tensor, `(B, num_leaves)`.
    """

    def __init__(self, taxonomy: Taxonomy, backbone: Backbone) -> None:
        super().__init__(taxonomy)
        self.backbone = backbone
        self.head = backbone.classifier(taxonomy.num_leaves)
        self.criterion = NodeCrossEntropy(taxonomy)
        self.roll_up = RollUp(taxonomy)

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Logits of the leaves; see `Method`."""
        return (self.head(self.backbone(images)),)

    def loss(
        self, outputs: tuple[Tensor, ...], targets: Tensor, label_smoothing: float = 0.0
    ) -> Tensor:
        """Negative log of the target's rolled-up probability; see `NodeCrossEntropy`."""
        losses: Tensor = self.criterion(outputs, targets, label_smoothing)
        return losses

    def node_probabilities(self, outputs: tuple[Tensor, ...]) -> Tensor:
        """Softmax and roll-up; see `Method`."""
        probabilities: Tensor = self.roll_up(outputs[0].float().softmax(dim=1))
        return probabilities
