"""Node probabilities of methods that estimate each level by itself."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from labeltree.taxonomy import Taxonomy


class LevelProbabilities(nn.Module):
    """Logits of each level to the values of all nodes, on whatever device the module is.

    The logits of a level are trained only with images that are labelled down to it. Their softmax
    is therefore conditional on that, and is multiplied by the probability that the label goes so
    deep: one minus the leaves above. So every cut sums to 1. A node need not get the sum of its
    children: the levels are separate estimates, which adaptation (`labeltree.decoding`) makes
    agree.

    The index tables are buffers outside the state dict.

    >>> levels = LevelProbabilities(Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"]))
    >>> even = torch.zeros(1, 2)
    >>> levels((even, even)).tolist()
    [[1.0, 0.5, 0.5, 0.25, 0.25]]
    """

    def __init__(self, taxonomy: Taxonomy) -> None:
        super().__init__()
        for depth in range(1, taxonomy.depth):
            level, inner = taxonomy.level(depth), taxonomy.inner(depth)
            # Where a level has leaves, only its inner nodes lead on to the next level.
            some = len(inner) < level.stop - level.start
            table = torch.from_numpy(inner - level.start) if some else None
            self.register_buffer(f"inner_{depth}", table, persistent=False)

    def forward(self, outputs: tuple[Tensor, ...]) -> Tensor:
        """Softmax of each level times its reach.

        Args:
            outputs: logits of the nodes at depth 1, 2, …: one tensor `(B, nodes there)` for each.

        Returns:
            float32 `(B, num_nodes)`.
        """
        reach = outputs[0].new_ones((len(outputs[0]), 1), dtype=torch.float32)
        levels = [reach]
        for depth, logits in enumerate(outputs, start=1):
            level = reach * logits.float().softmax(dim=1)
            levels.append(level)
            inner = self.get_buffer(f"inner_{depth}") if depth < len(outputs) else None
            if inner is not None:
                reach = level.index_select(1, inner).sum(dim=1, keepdim=True)
        return torch.cat(levels, dim=1)
