"""A classifier over the leaves that was built in blocks, one for each time the tree grew."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from labeltree.backbones import Backbone
from labeltree.errors import ConfigError, TaxonomyError
from labeltree.taxonomy import Nodes, Taxonomy


class Head(nn.Module):
    """Features to the logits of all leaves, in leaf order.

    The blocks are not merged into one classifier: a matrix product of another shape may round
    otherwise, and then a network that grew would not answer for its old leaves as it did. So the
    names of old weights stay as they are, too.

    Attributes:
        blocks: `nn.ModuleList` of linear classifiers, see `leaf_blocks`.
        order: for each leaf its place among the outputs of all blocks, `(num_leaves,)`; a buffer
            outside the state dict.
    """

    def __init__(
        self, taxonomy: Taxonomy, backbone: Backbone, added: Sequence[Sequence[str]] = ()
    ) -> None:
        """Build fresh classifiers.

        Args:
            taxonomy: the label tree.
            backbone: whose features they read.
            added: see `MultilabelConfig`.

        Raises:
            ConfigError: `added` does not fit the tree.
        """
        super().__init__()
        blocks = leaf_blocks(taxonomy, added)
        self.blocks = nn.ModuleList(backbone.classifier(len(block)) for block in blocks)
        self.order: Tensor
        order = torch.from_numpy(np.argsort(np.concatenate(blocks)))
        self.register_buffer("order", order, persistent=False)

    def forward(self, features: Tensor) -> Tensor:
        """Logits `(B, num_leaves)` of features `(B, num_features)`."""
        logits = torch.cat([block(features) for block in self.blocks], dim=1)
        return logits.index_select(1, self.order)


def leaf_blocks(taxonomy: Taxonomy, added: Sequence[Sequence[str]]) -> list[Nodes]:
    """The leaves of each block, as places among the leaves of the tree.

    Args:
        taxonomy: the label tree.
        added: see `MultilabelConfig`.

    Returns:
        First the leaves that are not in `added`, in leaf order; then those of each growth.

    Raises:
        ConfigError: a path that is no leaf, or that stands in it twice; a growth of no leaf; or no
            leaf is left for the first block.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> [block.tolist() for block in leaf_blocks(tree, [["dog/beagle"]])]
    [[0, 2], [1]]
    """
    later: dict[int, str] = {}
    blocks = []
    for number, paths in enumerate(added, start=1):
        if not paths:
            raise ConfigError(f"added: growth {number} has no leaf; leave it out")
        places = [_place(taxonomy, path) for path in paths]
        for place, path in zip(places, paths, strict=True):
            if place in later:
                raise ConfigError(f"added: {path!r} stands in it twice; name it once")
            later[place] = path
        blocks.append(np.array(places, dtype=np.int64))
    first = [place for place in range(taxonomy.num_leaves) if place not in later]
    if not first:
        raise ConfigError(
            f"added holds all {taxonomy.num_leaves} leaves of the tree; leave out those that the "
            "network knew before it grew"
        )
    return [np.array(first, dtype=np.int64), *blocks]


def _place(taxonomy: Taxonomy, path: str) -> int:
    try:
        node = taxonomy.find(path)
    except TaxonomyError as error:
        raise ConfigError(f"added: {error}") from None
    if not taxonomy.is_leaf[node]:
        raise ConfigError(f"added: {path!r} is an inner node of the tree; name leaves only")
    return int(taxonomy.leaf_index[node])
