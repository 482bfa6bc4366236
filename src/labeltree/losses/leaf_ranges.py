"""Which leaves lie below a node, without a table of leaves × nodes."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from labeltree.taxonomy import Nodes, Taxonomy


class LeafRanges(nn.Module):
    """The leaves below each node, as a range.

    In depth-first order the leaves below a node stand side by side, so two comparisons tell
    whether one is. The tables are not part of the state dict.

    >>> ranges = LeafRanges(Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"]))
    >>> ranges.at_or_below(torch.tensor([2, 4])).tolist()  # dog, pug
    [[False, True, True], [False, False, True]]
    """

    def __init__(self, taxonomy: Taxonomy) -> None:
        super().__init__()
        first = _first_leaf(taxonomy)
        self.first: Tensor
        self.register_buffer("first", torch.from_numpy(first), persistent=False)
        self.last: Tensor
        end = torch.from_numpy(first + taxonomy.leaf_counts - 1)
        self.register_buffer("last", end, persistent=False)
        self.place: Tensor
        place = torch.from_numpy(first[taxonomy.leaves])
        self.register_buffer("place", place, persistent=False)

    def at_or_below(self, nodes: Tensor) -> Tensor:
        """Whether each leaf is or descends from each node: `(B,)` to bool `(B, num_leaves)`."""
        first, last = self.first[nodes, None], self.last[nodes, None]
        return (self.place >= first) & (self.place <= last)


def _first_leaf(taxonomy: Taxonomy) -> Nodes:
    """Place, in depth-first order, of the first leaf at or below each node; shape `(num_nodes,)`.

    >>> _first_leaf(Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])).tolist()
    [0, 0, 1, 1, 2]
    """
    counts = taxonomy.leaf_counts
    first = np.zeros_like(counts)
    before = np.cumsum(counts) - counts
    for depth in range(1, taxonomy.depth + 1):
        level = taxonomy.level(depth)
        parents = taxonomy.parents[level]
        first[level] = first[parents] + before[level] - before[taxonomy.first_child[parents]]
    return first
