"""One sigmoid for each leaf."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from labeltree.backbones import Backbone
from labeltree.losses import LOSSES
from labeltree.methods.multilabel import MultilabelConfig
from labeltree.methods.multilabel.head import Head
from labeltree.methods.protocol import Method
from labeltree.methods.roll_up import RollUp
from labeltree.taxonomy import Taxonomy


class Multilabel(Method):
    """A backbone and one sigmoid for each leaf: any number of them may be present in an image.

    Two readings of the same logits:

    - `presence`: how sure each leaf is by itself. Several may be, as beagle and pug in a puggle.
    - `node_probabilities`: which leaf it is if it is one. Under independent sigmoids the odds of a
      leaf are exp(logit), so the probability that it alone is present is in proportion to
      exp(logit): given that exactly one leaf is present, the softmax over the logits **is** the
      probability of each. So everything that decodes, measures and reports one label works here.

    Under one seed the network starts from the same weights as `flat`: comparisons are paired.

    `forward` returns one tensor, `(B, num_leaves)`, in leaf order.

    Attributes:
        config: its options.
        dropout: of the features; its `p` may be set where a training wants another rate.

    Source: paper 003, sections 4.2 and 4.4 (the sigmoid outputs and two of the losses); 5.2.2
    (dropout); the reading as node probabilities is ours.
    """

    exclusive = False

    def __init__(self, taxonomy: Taxonomy, backbone: Backbone, config: MultilabelConfig) -> None:
        """Build the network.

        Args:
            taxonomy: the label tree.
            backbone: freshly initialised, or one that has learned.
            config: its options.

        Raises:
            ConfigError: `added` does not fit the tree.
        """
        super().__init__(taxonomy)
        self.config = config
        self.backbone = backbone
        self.dropout = nn.Dropout(config.dropout)
        self.head = Head(taxonomy, backbone, config.added)
        self.criterion = LOSSES[config.loss](taxonomy)
        self.roll_up = RollUp(taxonomy)

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Logits of the leaves; see `Method`."""
        return (self.head(self.dropout(self.backbone(images))),)

    def loss(
        self, outputs: tuple[Tensor, ...], targets: Tensor, label_smoothing: float = 0.0
    ) -> Tensor:
        """The loss that the options name.

        Args:
            outputs: what `forward` returned.
            targets: node numbers `(B,)`, or label sets `(B, K)`; see
                `labeltree.taxonomy.label_sets`.
            label_smoothing: see `Method`.

        Returns:
            float32 `(B,)`.

        Raises:
            ConfigError: label smoothing with a loss that has none.
        """
        losses: Tensor = self.criterion(outputs, targets, label_smoothing)
        return losses

    def node_probabilities(self, outputs: tuple[Tensor, ...]) -> Tensor:
        """Softmax and roll-up: the probabilities given that exactly one leaf is present."""
        # In float64, so that beside more leaves the same logits give the same float32 values: sums
        # are then taken in another order, and round otherwise.
        probabilities: Tensor = self.roll_up(outputs[0].double().softmax(dim=1))
        return probabilities.float()

    def presence(self, outputs: tuple[Tensor, ...]) -> Tensor:
        """The sigmoid of each leaf; see `Method`.

        An inner node is as sure as its surest leaf: `Taxonomy.roll_up_max`.
        """
        # In float64 for the same reason: the last bit of torch's sigmoid depends on where in the
        # tensor a value stands. That of a float64 decides about one float32 value in 10¹⁰.
        return torch.sigmoid(outputs[0].double()).float()
