"""One softmax for each level, each trained with the images that are labelled that deep."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from labeltree.losses.ancestor_places import ancestor_places
from labeltree.losses.loss import Loss
from labeltree.taxonomy import Taxonomy


class LevelCrossEntropy(Loss):
    """The sum of the cross-entropies of the levels that the target reaches.

    Head d is a softmax over the nodes at depth d. An image whose target is at depth t trains the
    heads 1 … t with its ancestor (or itself) at each depth; the deeper heads get nothing from it.
    Label smoothing spreads over the nodes of the same level.

    Source: paper 002, section 3.4 (the losses of the coarse and the fine model are summed),
    generalised to any number of levels and to unequal depth.

    >>> loss = LevelCrossEntropy(Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"]))
    >>> heads = (torch.tensor([[0.25, 0.75]]).log(), torch.tensor([[0.5, 0.5]]).log())
    >>> loss.by_level(heads, torch.tensor([1])).exp().tolist()  # a cat: nothing to learn below
    [[4.0, 1.0]]
    """

    def __init__(self, taxonomy: Taxonomy) -> None:
        super().__init__(taxonomy)
        levels = [taxonomy.level(depth) for depth in range(1, taxonomy.depth + 1)]
        self.output_sizes = tuple(level.stop - level.start for level in levels)
        self.place: Tensor  # (num_levels, num_nodes): ancestor's place in the level; -1: too deep
        place = torch.from_numpy(ancestor_places(taxonomy))
        self.register_buffer("place", place, persistent=False)

    def forward(
        self, outputs: tuple[Tensor, ...], targets: Tensor, label_smoothing: float = 0.0
    ) -> Tensor:
        """See `Loss`; one tensor of logits for each level, coarse to fine."""
        return self.by_level(outputs, targets, label_smoothing).sum(1)

    def by_level(
        self, outputs: tuple[Tensor, ...], targets: Tensor, label_smoothing: float = 0.0
    ) -> Tensor:
        """The terms of the sum, float32 `(B, num_levels)`; 0 where the target is less deep."""
        losses = [
            F.cross_entropy(
                logits.float(),
                place,
                ignore_index=-1,
                reduction="none",
                label_smoothing=label_smoothing,
            )
            for logits, place in zip(outputs, self.place[:, targets], strict=True)
        ]
        return torch.stack(losses, dim=1)
