"""Roll-up in torch: the differentiable twin of `Taxonomy.roll_up`."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from labeltree.taxonomy import Taxonomy


class RollUp(nn.Module):
    """Leaf values to the values of all nodes, on whatever device the module is.

    One pass from the deepest level to the root, each level with a few tensor operations: time and
    memory in proportion to the number of nodes, times the batch. The index tables are buffers, so
    they move with `.to(device)`, but they are not part of the state dict.

    >>> roll_up = RollUp(Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"]))
    >>> roll_up(torch.tensor([[0.5, 0.25, 0.25]])).tolist()
    [[1.0, 0.5, 0.5, 0.25, 0.25]]
    """

    def __init__(self, taxonomy: Taxonomy) -> None:
        super().__init__()
        self.depth = taxonomy.depth
        leaf_depths = taxonomy.depths[taxonomy.leaves]
        # Leaves are numbered breadth-first, so those at one depth are a slice of them.
        self.leaf_slices = [
            slice(*np.searchsorted(leaf_depths, (d, d + 1)).tolist()) for d in range(self.depth + 1)
        ]
        self.num_inner: list[int] = []
        for depth in range(self.depth):
            inner = taxonomy.inner(depth)
            level = np.arange(taxonomy.num_nodes)[taxonomy.level(depth)]
            leaves = taxonomy.leaves[self.leaf_slices[depth]]
            self.num_inner.append(len(inner))
            family = np.repeat(np.arange(len(inner)), taxonomy.num_children[inner])
            place = np.searchsorted(level, np.concatenate([leaves, inner]))
            self.register_buffer(f"family_{depth}", torch.from_numpy(family), persistent=False)
            order = torch.from_numpy(np.argsort(place))
            self.register_buffer(f"order_{depth}", order, persistent=False)

    def forward(self, leaf_values: Tensor) -> Tensor:
        """Sum leaf values up to every node.

        Args:
            leaf_values: `(B, num_leaves)`; probabilities, usually.

        Returns:
            `(B, num_nodes)`, of the same dtype.
        """
        levels = [leaf_values[:, self.leaf_slices[self.depth]]]
        for depth in range(self.depth - 1, -1, -1):
            below, family = levels[-1], self.get_buffer(f"family_{depth}")
            sums = below.new_zeros(len(below), self.num_inner[depth])
            level = sums.index_add(1, family, below)
            leaves = leaf_values[:, self.leaf_slices[depth]]
            if leaves.shape[1]:
                both = torch.cat([leaves, level], dim=1)
                level = both.index_select(1, self.get_buffer(f"order_{depth}"))
            levels.append(level)
        return torch.cat(levels[::-1], dim=1)
