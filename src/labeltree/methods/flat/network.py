"""One softmax over the leaves."""

from __future__ import annotations

from typing import cast

from torch import Tensor, nn

from labeltree.backbones import Auxiliary, Backbone
from labeltree.losses import NodeCrossEntropy
from labeltree.methods.protocol import Method
from labeltree.methods.roll_up import RollUp
from labeltree.taxonomy import Taxonomy


class Flat(Method):
    """A backbone and one softmax over all leaves; inner nodes get the sum of their leaves.

    Where the backbone has auxiliary heads, each gets a softmax over all leaves of its own while
    the network is trained, and its weighted loss is added.

    `forward` returns one tensor, `(B, num_leaves)`; in training one more for each auxiliary head.
    """

    def __init__(self, taxonomy: Taxonomy, backbone: Backbone) -> None:
        super().__init__(taxonomy)
        self.backbone = backbone
        self.head = backbone.classifier(taxonomy.num_leaves)
        self.auxiliary_heads = nn.ModuleList(
            cast(Auxiliary, auxiliary).classifier(taxonomy.num_leaves)
            for auxiliary in backbone.auxiliary
        )
        self.criterion = NodeCrossEntropy(taxonomy)
        self.roll_up = RollUp(taxonomy)

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Logits of the leaves; see `Method`."""
        if not (self.training and len(self.auxiliary_heads)):
            return (self.head(self.backbone(images)),)
        features, *others = self.backbone.with_auxiliary(images)
        pairs = zip(self.auxiliary_heads, others, strict=True)
        return (self.head(features), *(head(other) for head, other in pairs))

    def loss(
        self, outputs: tuple[Tensor, ...], targets: Tensor, label_smoothing: float = 0.0
    ) -> Tensor:
        """Negative log of the target's rolled-up probability; see `NodeCrossEntropy`.

        In training, that of each auxiliary head times its weight is added.
        """
        losses: Tensor = self.criterion(outputs[:1], targets, label_smoothing)
        for auxiliary, logits in zip(self.backbone.auxiliary, outputs[1:], strict=False):
            losses = losses + auxiliary.weight * self.criterion((logits,), targets, label_smoothing)
        return losses

    def node_probabilities(self, outputs: tuple[Tensor, ...]) -> Tensor:
        """Softmax and roll-up; see `Method`."""
        probabilities: Tensor = self.roll_up(outputs[0].float().softmax(dim=1))
        return probabilities
