"""A margin between the leaves that are present and those that are absent."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from labeltree.errors import ConfigError
from labeltree.losses.leaf_loss import LeafLoss


class MultilabelMargin(LeafLoss):
    """PyTorch's `multilabel_margin_loss`: a hinge for each pair of a present and an absent leaf.

    With x the logits and L the number of leaves:
    `Σ_{present j} Σ_{absent i} max(0, 1 - (x_j - x_i)) / L`.
    Leaves of which nothing is known (see `LeafTargets`) are in no pair. Only the order of the
    logits and the distances between them count, so that their sigmoids are no probabilities. Time
    is K × L for each image with label sets of K columns, memory L for each leaf that is present.

    Source: paper 003, section 4.4.1. Its second formula, where y holds the numbers of the present
    classes, is PyTorch's and what we read, i being no present class as in PyTorch's documentation
    (`|x[0]|` is the number of classes). Its first formula cannot be what was trained: in
    `1 - (y[j] - x[i])`, y is the one-hot target itself, so that no logit would ever be raised.

    >>> from labeltree.taxonomy import Taxonomy
    >>> loss = MultilabelMargin(Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"]))
    >>> logits = torch.tensor([[0.5, 2.0, 1.0]]).expand(3, 3)
    >>> puggle, pug, some_dog = [3, 4], [4, -1], [2, -1]
    >>> (3 * loss((logits,), torch.tensor([puggle, pug, some_dog]))).tolist()
    [0.5, 2.5, 0.0]
    """

    takes_label_smoothing = False

    def forward(
        self, outputs: tuple[Tensor, ...], targets: Tensor, label_smoothing: float = 0.0
    ) -> Tensor:
        """See `LeafLoss`.

        Raises:
            ConfigError: label smoothing; a leaf is in a pair or it is not.
        """
        if label_smoothing:
            raise ConfigError(
                f"multilabel-margin takes no label smoothing, got {label_smoothing:g}: a margin "
                "has no soft targets; set training.label_smoothing=0 or choose another loss"
            )
        logits = outputs[0].float()
        num_leaves = logits.shape[1]
        present, known = self.leaf_targets(logits, targets)
        most = min(num_leaves, 1 if targets.dim() == 1 else targets.shape[1])
        high = logits.masked_fill(~present, -torch.inf).topk(most, dim=1).values
        high = high.masked_fill(high == -torch.inf, torch.inf)  # fewer are present: no pair
        absent = logits.masked_fill(present | ~known, -torch.inf)
        pairs = [F.relu(1 - x[:, None] + absent).sum(1) for x in high.unbind(1)]
        return torch.stack(pairs).sum(0) / num_leaves
