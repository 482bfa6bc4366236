"""What losses that judge each leaf by itself have in common."""

from __future__ import annotations

from labeltree.losses.leaf_targets import LeafTargets
from labeltree.losses.loss import Loss
from labeltree.taxonomy import Taxonomy


class LeafLoss(Loss):
    """A loss of one tensor of logits `(B, num_leaves)`, in leaf order, that takes label sets.

    Attributes:
        leaf_targets: which leaves an image shows, and of which that is known.
    """

    takes_label_sets = True

    def __init__(self, taxonomy: Taxonomy) -> None:
        super().__init__(taxonomy)
        self.output_sizes = (taxonomy.num_leaves,)
        self.leaf_targets = LeafTargets(taxonomy)
