"""Sums over families without scattering: gathers and sums alone, in time linear in the nodes.

ONNX has no sum over ragged groups. What exporters write for `index_add`, ScatterND with
`reduction="add"`, is no way: ONNX Runtime spreads it over threads that write to the same sums at
the same time (microsoft/onnxruntime, issues 18048 and 23396), and a matrix of parents × children
would grow with their product.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from labeltree.taxonomy import Nodes, Taxonomy

WIDEST = 16
"""Values that are summed at once; larger families are summed in several steps."""


class FamilySums(nn.Module):
    """Sums of neighbouring values, one for each family; an empty family has 0.

    >>> FamilySums(np.array([2, 0, 1]))(torch.tensor([[0.5, 0.25, 0.125]])).tolist()
    [[0.75, 0.0, 0.125]]
    """

    def __init__(self, counts: Nodes) -> None:
        """Make the tables.

        Args:
            counts: members of each family, in the order in which they stand.
        """
        super().__init__()
        self.widths: list[int] = []
        while not self.widths or counts.max() > 1:
            width = min(WIDEST, max(1, int(counts.max())))
            table, counts = _pieces(counts, width)
            self.register_buffer(f"table_{len(self.widths)}", table, persistent=False)
            self.widths.append(width)

    def forward(self, values: Tensor) -> Tensor:
        """`(B, members)` to `(B, families)`."""
        for step, width in enumerate(self.widths):
            table = self.get_buffer(f"table_{step}")
            members = pad(values, (0, 1)).index_select(1, table)
            values = members.view(-1, len(table) // width, width).sum(2)
        return values


class LeafSums(nn.Module):
    """`labeltree.methods.roll_up.RollUp` by `FamilySums`.

    >>> sums = LeafSums(Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"]))
    >>> sums(torch.tensor([[0.5, 0.25, 0.25]])).tolist()
    [[1.0, 0.5, 0.5, 0.25, 0.25]]
    """

    def __init__(self, taxonomy: Taxonomy) -> None:
        super().__init__()
        levels = [taxonomy.level(depth) for depth in range(taxonomy.depth + 1)]
        self.sizes = [level.stop - level.start for level in levels]
        self.sums = nn.ModuleList(FamilySums(taxonomy.num_children[level]) for level in levels[:-1])
        own = np.where(taxonomy.is_leaf, taxonomy.leaf_index, taxonomy.num_leaves)
        self.register_buffer("own", torch.from_numpy(own), persistent=False)

    def forward(self, leaf_values: Tensor) -> Tensor:
        """`(B, num_leaves)` to `(B, num_nodes)`."""
        own = pad(leaf_values, (0, 1)).index_select(1, self.get_buffer("own"))
        levels = list(own.split(self.sizes, dim=1))
        for depth in range(len(levels) - 2, -1, -1):
            levels[depth] = levels[depth] + self.sums[depth](levels[depth + 1])
        return torch.cat(levels, dim=1)


def _pieces(counts: Nodes, width: int) -> tuple[Tensor, Nodes]:
    """Where the members of each piece of up to `width` stand, and how many pieces a family has.

    Where nobody stands, the table has the place after the last member. In the last step each
    family is one piece, the empty ones, too.
    """
    pieces = np.maximum(1, -(-counts // width))
    family = np.repeat(np.arange(len(counts)), pieces)
    piece = np.arange(len(family)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    ends = np.cumsum(counts)
    place = (ends - counts)[family][:, None] + piece[:, None] * width + np.arange(width)
    table = np.where(place < ends[family][:, None], place, counts.sum())
    return torch.from_numpy(table.reshape(-1)), pieces
