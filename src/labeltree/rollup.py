"""Roll-up in torch: the differentiable twin of `Taxonomy.roll_up` and `Taxonomy.log_roll_up`."""

from __future__ import annotations

from collections.abc import Callable

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
        return self._reduce(leaf_values, _sum)

    def log(self, leaf_log_values: Tensor) -> Tensor:
        """`log(roll_up(exp(x)))` without leaving log space; shapes as `forward`.

        Each family of siblings is shifted by its own maximum, so a node far below the others keeps
        its value and its gradient. `-inf` is log 0 and receives gradient 0.
        """
        return self._reduce(leaf_log_values, _log_sum_exp)

    def _reduce(
        self, leaf_values: Tensor, over_siblings: Callable[[Tensor, Tensor, int], Tensor]
    ) -> Tensor:
        levels = [leaf_values[:, self.leaf_slices[self.depth]]]
        for depth in range(self.depth - 1, -1, -1):
            family = self.get_buffer(f"family_{depth}")
            level = over_siblings(levels[-1], family, self.num_inner[depth])
            leaves = leaf_values[:, self.leaf_slices[depth]]
            if leaves.shape[1]:
                both = torch.cat([leaves, level], dim=1)
                level = both.index_select(1, self.get_buffer(f"order_{depth}"))
            levels.append(level)
        return torch.cat(levels[::-1], dim=1)


def _sum(values: Tensor, family: Tensor, families: int) -> Tensor:
    return values.new_zeros(len(values), families).index_add(1, family, values)


def _log_sum_exp(values: Tensor, family: Tensor, families: int) -> Tensor:
    lowest = values.new_full((len(values), families), -torch.inf)
    top = lowest.scatter_reduce(1, family.expand_as(values), values.detach(), "amax")
    top = torch.where(top.isfinite(), top, 0)
    total = _sum((values - top.index_select(1, family)).exp(), family, families)
    # The inner `where` keeps log 0 out of the graph: its gradient would be 0 · inf.
    logs = torch.where(total > 0, total, 1).log() + top
    return torch.where(total > 0, logs, -torch.inf)
