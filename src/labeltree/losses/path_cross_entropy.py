"""One softmax over all nodes, trained with the whole path to the target."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from labeltree.errors import ConfigError
from labeltree.losses.ancestor_places import ancestor_places
from labeltree.losses.loss import Loss
from labeltree.taxonomy import Taxonomy


class PathCrossEntropy(Loss):
    """The cross-entropy of a soft target: a share of it on every node of the target's path.

    All nodes but the root stand in one softmax p. With w_d the weight of the level at depth d (all
    together 1) and a_d the target's ancestor, or itself, at that depth, the loss is
    `-Σ_d w_d · log p(a_d)`. It holds the target's own entropy, so it does not reach 0: two equal
    levels that are answered perfectly still cost log 2.

    What is not known is not negative. For an image whose target is at depth t, only the outputs of
    the levels 1 … t take part in the softmax, and the sum ends at t; a label smoothing of ε takes
    that share of every weight and spreads it evenly over these outputs. The weights are not scaled
    up where the path ends early: then the softmax within each level is, at the minimum, the
    distribution of the images that are labelled down to that level, as in `LevelCrossEntropy`;
    scaled up, it would lean towards the leaves that are less deep.

    Leaves, inner nodes and the root go through the same few operations, so no batch waits for a
    GPU to tell what its targets are.

    Source: paper 000, section 2.3 (two levels, 0.5 each). Given weights, any number of levels,
    unequal depth and targets at inner nodes are ours.

    >>> loss = PathCrossEntropy(Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"]))
    >>> logits = torch.tensor([[1.0, 3.0]]).log(), torch.tensor([[9.0, 3.0]]).log()  # 16 in all
    >>> loss(logits, torch.tensor([3])).exp().tolist()  # beagle: √(16/3 · 16/9)
    [3.079...]
    >>> loss(logits, torch.tensor([1])).exp().tolist()  # a cat: √(4/1), nothing is known below
    [2.0...]
    """

    def __init__(self, taxonomy: Taxonomy, weights: Sequence[float] | None = None) -> None:
        """Build the tables.

        Args:
            taxonomy: the label tree.
            weights: one for each level, coarse to fine, in any unit; equal if None.

        Raises:
            ConfigError: weights of the wrong number, or not positive and finite.
        """
        super().__init__(taxonomy)
        levels = [taxonomy.level(depth) for depth in range(1, taxonomy.depth + 1)]
        self.output_sizes = tuple(level.stop - level.start for level in levels)
        place = ancestor_places(taxonomy)
        known = np.tri(taxonomy.depth + 1, taxonomy.depth, -1)  # levels that a depth reaches
        on_path = known * _shares(weights, taxonomy)
        count = known * self.output_sizes
        even = count / np.maximum(count.sum(1, keepdims=True), 1) * on_path.sum(1, keepdims=True)
        self.depth: Tensor  # (num_nodes,)
        self.register_buffer("depth", torch.from_numpy(taxonomy.depths), persistent=False)
        self.place: Tensor  # (num_levels, num_nodes): ancestor's place; 0, unused, if too deep
        self.register_buffer("place", torch.from_numpy(place.clip(0)), persistent=False)
        # Of each depth of a target, 0 … num_levels, a row over the levels:
        self.unknown: Tensor
        self.register_buffer("unknown", torch.from_numpy(known == 0), persistent=False)
        self.on_path: Tensor  # what the target puts on its ancestor there
        self.register_buffer("on_path", torch.from_numpy(on_path).float(), persistent=False)
        self.even: Tensor  # what it would put there if it were spread over the outputs
        self.register_buffer("even", torch.from_numpy(even).float(), persistent=False)

    def forward(
        self, outputs: tuple[Tensor, ...], targets: Tensor, label_smoothing: float = 0.0
    ) -> Tensor:
        """See `Loss`; one tensor of logits for each level, coarse to fine."""
        outputs = tuple(logits.float() for logits in outputs)
        depths, places = self.depth[targets], self.place[:, targets, None]
        sums = torch.stack([logits.logsumexp(1) for logits in outputs], dim=1)
        # The lowest number instead of -inf keeps the root, which knows no level, free of NaN.
        lowest = torch.finfo(sums.dtype).min
        total = sums.masked_fill(self.unknown[depths], lowest).logsumexp(1, keepdim=True)
        path = [logits.gather(1, place) for logits, place in zip(outputs, places, strict=True)]
        loss = (self.on_path[depths] * (total - torch.cat(path, dim=1))).sum(1)
        if label_smoothing:
            means = torch.stack([logits.mean(1) for logits in outputs], dim=1)
            evenly = (self.even[depths] * (total - means)).sum(1)
            loss = (1 - label_smoothing) * loss + label_smoothing * evenly
        return loss


def _shares(weights: Sequence[float] | None, taxonomy: Taxonomy) -> np.ndarray:
    """The weights of all levels, to the sum 1."""
    if weights is None:
        weights = [1.0] * taxonomy.depth
    if len(weights) != taxonomy.depth or not all(0 < w < math.inf for w in weights):
        raise ConfigError(
            f"weights are {list(weights)}; this taxonomy needs {taxonomy.depth} positive numbers, "
            f"one for each level, coarse to fine ({', '.join(taxonomy.level_names)})"
        )
    shares = np.array(weights, dtype=np.float64)
    return shares / shares.sum()
