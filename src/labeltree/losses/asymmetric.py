"""Binary cross-entropy that soon forgets the leaves that are plainly absent."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F

from labeltree.losses.leaf_loss import LeafLoss

GAMMA = 4  # γ-, the focusing of absent leaves; that of present ones, γ+, is 0
MARGIN = 0.05  # m: an absent leaf below this probability costs nothing


class Asymmetric(LeafLoss):
    """The asymmetric loss, summed over leaves.

    With p the sigmoids of the logits, `q = max(p - 0.05, 0)` and y of known leaves as in
    `BinaryCrossEntropy`: `-Σ_{known leaves i} y_i · log p_i + (1 - y_i) · q_i⁴ · log(1 - q_i)`.
    An image shows few of many leaves, and together the others would make up most of the gradient;
    here a leaf that is rightly thought absent hardly counts. Leaves of which nothing is known (see
    `LeafTargets`) have no part in it.

    The values are those of `timm.loss.AsymmetricLossMultiLabel(gamma_neg=4, gamma_pos=0)`, and so
    are the gradients, which flow through the factor q⁴, too. The one difference is that timm takes
    a probability of at least 10⁻⁸ and so gives a present leaf with a logit below -18 no gradient.

    Source: Ridnik et al., Asymmetric Loss for Multi-Label Classification, ICCV 2021, with the
    focusing and the margin recommended there.

    >>> import torch
    >>> from labeltree.taxonomy import Taxonomy
    >>> loss = Asymmetric(Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"]))
    >>> logits = torch.tensor([[0.05, 0.5, 0.55]]).logit()
    >>> loss((logits,), torch.tensor([[3, 4]])).neg().exp().tolist()  # a puggle: 0.5 · 0.55
    [0.27...]
    >>> (loss((logits,), torch.tensor([3])) - loss((logits,), torch.tensor([[3, -6]]))).tolist()
    [0.043...]
    """

    def forward(
        self, outputs: tuple[Tensor, ...], targets: Tensor, label_smoothing: float = 0.0
    ) -> Tensor:
        """See `LeafLoss`."""
        logits = outputs[0].float()
        present, known = self.leaf_targets(logits, targets)
        soft = present * (1 - label_smoothing) + label_smoothing / logits.shape[1]
        shifted = (logits.sigmoid() - MARGIN).clamp(min=0)
        absence = shifted**GAMMA * (-shifted).log1p()
        losses = -soft * F.logsigmoid(logits) - (1 - soft) * absence
        return losses.masked_fill(~known, 0).sum(1)
