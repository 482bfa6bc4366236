"""What `labeltree.decoding.Decoder` does to node probabilities, as a part of a graph."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from labeltree.decoding.calibration import TINY
from labeltree.exporting.sums import FamilySums, LeafSums
from labeltree.taxonomy import Taxonomy


class Agreement(nn.Module):
    """Adaptation with α = 1, zero branch included, then a temperature.

    The twin of `labeltree.decoding.adapt` and `apply_temperature`, level by level with a few
    numbers for each node, so that time, memory and the file grow with the number of nodes and no
    faster. A leaf above the deepest level is a parent without children: nobody below it has a say.

    >>> tree = Taxonomy.from_paths(["cat/manx", "cat/persian", "dog/beagle", "dog/pug"])
    >>> levelwise = torch.tensor([[1, 0.6, 0.4, 0.2, 0.2, 0.5, 0.1]])
    >>> [round(p, 3) for p in Agreement(tree, 1.0)(levelwise)[0].tolist()]
    [1.0, 0.5, 0.5, 0.25, 0.25, 0.417, 0.083]
    """

    def __init__(self, taxonomy: Taxonomy, temperature: float) -> None:
        super().__init__()
        self.temperature = temperature
        levels = [taxonomy.level(depth) for depth in range(taxonomy.depth + 1)]
        self.sizes = [level.stop - level.start for level in levels]
        self.sums = nn.ModuleList()
        for depth, (level, below) in enumerate(pairwise(levels)):
            counts, parents = taxonomy.num_children[level], taxonomy.parents[below]
            self.sums.append(FamilySums(counts))
            # Of what all levels from a node on say of it, the share of those below.
            weight = np.where(counts > 0, 1 - 1 / (taxonomy.depth - depth + 1), 0.0)
            self._table(f"weight_{depth}", weight.astype(np.float32))
            self._table(f"parent_{depth}", parents - level.start)
            self._table(f"even_{depth}", (1 / taxonomy.num_children[parents]).astype(np.float32))
        self._table("leaves", taxonomy.leaves)
        self.leaf_sums = LeafSums(taxonomy)

    def forward(self, probabilities: Tensor) -> Tensor:
        """What a method says, float32 `(B, num_nodes)`, made coherent and calibrated."""
        nodes = torch.cat(self._targets(probabilities), dim=1)
        if self.temperature == 1:
            return nodes
        leaves = nodes.index_select(1, self.get_buffer("leaves"))
        leaves = torch.where(leaves < TINY, 0.0, leaves)
        scaled = self.leaf_sums((leaves.log() / self.temperature).softmax(dim=1))
        return torch.cat([torch.ones_like(scaled[:, :1]), scaled[:, 1:]], dim=1)

    def _targets(self, probabilities: Tensor) -> list[Tensor]:
        """Steps 1 and 2 of `adapt`, level by level from the root down."""
        said = probabilities.split(self.sizes, dim=1)
        means, totals = [said[-1]], []
        for depth in range(len(said) - 2, -1, -1):
            weight = self.get_buffer(f"weight_{depth}")
            totals.append(self.sums[depth](means[-1]))
            means.append(said[depth] * (1 - weight) + totals[-1] * weight)
        targets = [torch.ones_like(said[0])]
        for depth, (mean, total) in enumerate(zip(means[-2::-1], totals[::-1], strict=True)):
            parent, even = self.get_buffer(f"parent_{depth}"), self.get_buffer(f"even_{depth}")
            total = total.index_select(1, parent)
            # The share first: a parent's value divided by next to nothing would overflow.
            share = torch.where(total > 0, mean / torch.where(total > 0, total, 1.0), even)
            targets.append(targets[-1].index_select(1, parent) * share)
        return targets

    def _table(self, name: str, values: NDArray) -> None:
        self.register_buffer(name, torch.from_numpy(np.ascontiguousarray(values)), persistent=False)
