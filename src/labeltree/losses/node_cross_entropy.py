"""One softmax over the leaves, trained with targets at any node."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from labeltree.losses.leaf_ranges import LeafRanges
from labeltree.losses.loss import Loss
from labeltree.taxonomy import Taxonomy


class NodeCrossEntropy(Loss):
    """The negative log of the rolled-up probability of the target.

    With p the softmax over leaves, t the target and ε the label smoothing:
    `(1 - ε) · -log Σ_{leaves l at or below t} p(l)  +  ε · mean over all leaves of -log p(l)`.
    For a leaf this is `torch.nn.functional.cross_entropy`; for the root the first term is 0.

    >>> loss = NodeCrossEntropy(Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"]))
    >>> logits = torch.tensor([[0.5, 0.3, 0.2]]).log().expand(3, 3)
    >>> loss((logits,), torch.tensor([3, 2, 0])).exp().tolist()  # beagle, dog, anything
    [3.33..., 2.0, 1.0]
    """

    def __init__(self, taxonomy: Taxonomy) -> None:
        super().__init__(taxonomy)
        self.output_sizes = (taxonomy.num_leaves,)
        self.leaf_index: Tensor
        self.register_buffer("leaf_index", torch.from_numpy(taxonomy.leaf_index), persistent=False)
        self.ranges = LeafRanges(taxonomy)

    def forward(
        self, outputs: tuple[Tensor, ...], targets: Tensor, label_smoothing: float = 0.0
    ) -> Tensor:
        """See `Loss`; one tensor of logits `(B, num_leaves)`, or of log-probabilities."""
        logits = outputs[0].float()
        leaves = self.leaf_index[targets]
        # Looking into a GPU's tensor would make it wait, so there every batch takes the general
        # way, which costs a few small operations more and gives the same values.
        if leaves.device.type == "cpu" and bool((leaves >= 0).all()):
            return F.cross_entropy(
                logits, leaves, reduction="none", label_smoothing=label_smoothing
            )
        logs = F.log_softmax(logits, dim=1)
        outside = ~self.ranges.at_or_below(targets)
        loss = -logs.masked_fill(outside, -torch.inf).logsumexp(1)
        if label_smoothing:
            loss = (1 - label_smoothing) * loss - label_smoothing * logs.mean(1)
        return loss
