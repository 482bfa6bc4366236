"""One softmax over the nodes of all levels."""

from __future__ import annotations

from torch import Tensor

from labeltree.backbones import Backbone
from labeltree.losses import PathCrossEntropy
from labeltree.methods.level_probabilities import LevelProbabilities
from labeltree.methods.protocol import Method
from labeltree.taxonomy import Taxonomy


class CategoryLabels(Method):
    """A backbone and one softmax over all nodes but the root, trained with the target's path.

    With 10 categories of 10 classes that is 110 outputs, of which an image's category and its
    class get 0.5 each: what two classes of one category have in common is then written in their
    labels.

    Each level's probabilities are the softmax over its own outputs. In the softmax over all, a
    level holds its weight of every image's mass (half, of two equal ones), which says nothing
    about the image; dividing by it is to renormalise, and leaves the order within the level as the
    paper ranks it. A category could also be read as its own output plus those of its classes; but
    the class outputs need not divide among the categories as the category outputs do, and these
    two estimates are worth more apart: adaptation (`labeltree.decoding`) averages them.

    Under one seed the backbone starts from the same weights as that of `flat`: comparisons are
    paired.

    `forward` returns one tensor for each level, coarse to fine, over the nodes at that depth: views
    of the one head's logits.

    Source: paper 000, section 2.3; see `PathCrossEntropy` for what is ours.
    """

    def __init__(
        self, taxonomy: Taxonomy, backbone: Backbone, weights: tuple[float, ...] | None = None
    ) -> None:
        """Build the network.

        Args:
            taxonomy: the label tree.
            backbone: freshly initialised.
            weights: see `CategoryLabelsConfig`.

        Raises:
            ConfigError: weights of the wrong number, or not positive and finite.
        """
        super().__init__(taxonomy)
        self.criterion = PathCrossEntropy(taxonomy, weights)
        self.backbone = backbone
        self.head = backbone.classifier(taxonomy.num_nodes - 1)
        self.levels = LevelProbabilities(taxonomy)

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Logits of the nodes of each level; see `Method`."""
        logits: Tensor = self.head(self.backbone(images))
        return logits.split(self.criterion.output_sizes, dim=1)

    def loss(
        self, outputs: tuple[Tensor, ...], targets: Tensor, label_smoothing: float = 0.0
    ) -> Tensor:
        """Cross-entropy of the target's path; see `PathCrossEntropy`."""
        losses: Tensor = self.criterion(outputs, targets, label_smoothing)
        return losses

    def node_probabilities(self, outputs: tuple[Tensor, ...]) -> Tensor:
        """Each level by its own outputs; see `LevelProbabilities`."""
        probabilities: Tensor = self.levels(outputs)
        return probabilities
