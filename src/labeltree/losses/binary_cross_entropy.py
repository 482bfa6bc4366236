"""A yes or no for each leaf by itself, summed."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F

from labeltree.losses.leaf_loss import LeafLoss


class BinaryCrossEntropy(LeafLoss):
    """The sum over leaves of the binary cross-entropy of the sigmoid of each logit.

    With x the logits, ε the label smoothing, L the number of leaves and y = `1 - ε + ε/L` for
    leaves that are present, `ε/L` for those that are absent:
    `-Σ_{known leaves i} y_i · log σ(x_i) + (1 - y_i) · log(1 - σ(x_i))`.
    Leaves of which nothing is known (see `LeafTargets`) have no part in it. As a sum, and not a
    mean, a leaf's gradient does not shrink as the taxonomy grows. The values are those of
    `timm.loss.BinaryCrossEntropy(sum_classes=True)`, which smooths in this way for one label.

    >>> import torch
    >>> from labeltree.taxonomy import Taxonomy
    >>> loss = BinaryCrossEntropy(Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"]))
    >>> logits = torch.tensor([[0.25, 0.5, 0.75]]).logit().expand(3, 3)
    >>> puggle, beagle, some_dog = [3, 4], [3, -1], [2, -1]
    >>> loss((logits,), torch.tensor([puggle, beagle, some_dog])).neg().exp().tolist()
    [0.28..., 0.09..., 0.56...]
    """

    def forward(
        self, outputs: tuple[Tensor, ...], targets: Tensor, label_smoothing: float = 0.0
    ) -> Tensor:
        """See `LeafLoss`."""
        logits = outputs[0].float()
        present, known = self.leaf_targets(logits, targets)
        soft = present * (1 - label_smoothing) + label_smoothing / logits.shape[1]
        losses = F.binary_cross_entropy_with_logits(logits, soft, reduction="none")
        return losses.masked_fill(~known, 0).sum(1)
