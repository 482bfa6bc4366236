"""What targets say of each leaf: which ones are present, and of which that is known."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from labeltree.losses.leaf_ranges import LeafRanges
from labeltree.taxonomy import Taxonomy
from labeltree.taxonomy.label_sets import NONE


class LeafTargets(nn.Module):
    """From targets at any node to a yes, a no or nothing for each leaf.

    As `labeltree.taxonomy.label_sets.leaf_marks`: a leaf in the set is present; one at or below a
    node that was not annotated, or below an inner node that is present, is unknown; all others are
    absent. In addition the leaf that the network itself scores highest (the first of equals) below
    an inner node that is present counts as present: some leaf there is, and the surest one is the
    likeliest to be it; the others there stay unknown. The root says nothing: all leaves are unknown
    and none is present. No gradient flows through the choice.

    >>> targets = LeafTargets(Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"]))
    >>> scores = torch.tensor([[0.0, 1.0, 3.0]])
    >>> present, known = targets(scores, torch.tensor([2]))  # some dog: it looks like a pug
    >>> present.tolist(), known.tolist()
    ([[False, False, True]], [[True, False, True]])
    """

    def __init__(self, taxonomy: Taxonomy) -> None:
        super().__init__()
        self.ranges = LeafRanges(taxonomy)
        self.leaf_index: Tensor
        self.register_buffer("leaf_index", torch.from_numpy(taxonomy.leaf_index), persistent=False)

    @torch.no_grad()
    def forward(self, scores: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Mark the leaves.

        Args:
            scores: `(B, num_leaves)`, in leaf order; higher is surer.
            targets: node numbers `(B,)`, or label sets `(B, K)`.

        Returns:
            Whether each leaf is present, and whether that is known: both bool `(B, num_leaves)`;
            what is present is known.
        """
        sets = targets[:, None] if targets.dim() == 1 else targets
        nodes = torch.where(sets < NONE, -2 - sets, sets).clamp(min=0)  # 0, unused, for padding
        leaf = self.leaf_index[nodes]
        inner = (sets >= 0) & (leaf < 0)
        vague = inner | (sets < NONE)  # hides what lies below
        nobody = scores.shape[1]  # a column beyond the leaves, for what marks no leaf
        column = leaf.where((sets >= 0) & (leaf >= 0), nobody)

        hidden = torch.zeros_like(scores, dtype=torch.bool)
        for slot, node in enumerate(nodes.unbind(1)):
            rows = _rows_to_visit(vague[:, slot])
            below = self.ranges.at_or_below(node[rows]) & vague[rows, slot, None]
            hidden[rows] |= below
            surest = scores[rows].masked_fill(~below, -torch.inf).argmax(1)
            chosen = inner[rows, slot] & (node[rows] > 0)
            column[rows, slot] = surest.where(chosen, column[rows, slot])

        beyond = hidden.new_zeros(len(sets), nobody + 1)
        present = beyond.scatter_(1, column, True)[:, :nobody]
        return present, present | ~hidden


def _rows_to_visit(vague: Tensor) -> Tensor | slice:
    """The rows that need work; all of a GPU's, since looking into its tensor would make it wait."""
    return vague.nonzero()[:, 0] if vague.device.type == "cpu" else slice(None)
