"""A yes or no for each leaf by itself, averaged."""

from __future__ import annotations

from torch import Tensor

from labeltree.losses.binary_cross_entropy import BinaryCrossEntropy


class MultilabelSoftMargin(BinaryCrossEntropy):
    """PyTorch's `multilabel_soft_margin_loss`: the `BinaryCrossEntropy`, divided by all leaves.

    Leaves of which nothing is known add 0, and the divisor stays the number of all leaves: every
    leaf's gradient shrinks as the taxonomy grows.

    Source: paper 003, section 4.4.2. Its formula is PyTorch's when the minus sign and the mean are
    read to hold for both terms of the sum, and `exp -x[i]` as `exp(-x[i])`. The loss does not grow
    exponentially with the distance from the target, as the text says, but in proportion to it.

    >>> import torch
    >>> from labeltree.taxonomy import Taxonomy
    >>> loss = MultilabelSoftMargin(Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"]))
    >>> logits = torch.tensor([[0.25, 0.5, 0.75]]).logit()
    >>> loss((logits,), torch.tensor([[3, 4]])).mul(-3).exp().tolist()  # a puggle
    [0.28...]
    """

    def forward(
        self, outputs: tuple[Tensor, ...], targets: Tensor, label_smoothing: float = 0.0
    ) -> Tensor:
        """See `BinaryCrossEntropy`."""
        return super().forward(outputs, targets, label_smoothing) / outputs[0].shape[1]
