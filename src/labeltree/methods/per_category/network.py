"""A network that finds the category, and one for each category that finds the class in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from labeltree.backbones import Backbone
from labeltree.data.scope import ScopeConfig, scoped_tree
from labeltree.methods.flat.network import Flat
from labeltree.methods.protocol import Method
from labeltree.taxonomy import Nodes, Taxonomy


class PerCategory(Method):
    """The router and the networks of the categories share nothing; their probabilities multiply.

    `P(node) = P(category) · P(node | category)`: the first from the router, a `Flat` on the tree
    down to the categories, the second from the category's network, a `Flat` on the branch below
    it. A category with one class has no network: its class is as probable as itself. Every network
    sums its leaves up its part of the tree, so the whole is coherent.

    Told the category (`labeltree.decoding.given`), `P(node | category)` is what remains: the
    evaluation of the paper, which has no router.

    The loss of an image is the sum over the networks that its target reaches: the router, and its
    category's network if it is labelled below the category. In training together, batch norm sees
    the images of all categories in every network; apart (`labeltree.runs.parts`), only its own.

    `forward` returns one tensor for each network, the router's first, over the leaves of its part.

    Source: paper 000, section 2.2 (ten separate networks of the same structure, one per category).
    The router, unequal depth and any number of levels are ours.
    """

    def __init__(
        self,
        taxonomy: Taxonomy,
        new_backbone: Callable[[], Backbone],
        scopes: Sequence[ScopeConfig],
    ) -> None:
        """Build the networks.

        Args:
            taxonomy: the label tree.
            new_backbone: gives a freshly initialised backbone at each call.
            scopes: the part of the tree that each network knows, the router's first; see
                `labeltree.methods.per_category.parts`.
        """
        super().__init__(taxonomy)
        trees, places = zip(*(scoped_tree(taxonomy, scope) for scope in scopes), strict=True)
        self.networks = nn.ModuleList(Flat(tree, new_backbone()) for tree in trees)
        self.categories = [places[0][taxonomy.find(scope.branch or "")] for scope in scopes[1:]]
        self.places: Tensor  # (num_networks, num_nodes): the node in each part; -1: not in it
        self.register_buffer("places", torch.from_numpy(np.stack(places)), persistent=False)
        self.columns: Tensor
        columns = torch.from_numpy(_columns([tree.num_nodes for tree in trees], places))
        self.register_buffer("columns", columns, persistent=False)

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Logits of every network for every image; see `Method`."""
        return tuple(network(images)[0] for network in self.networks)

    def loss(
        self, outputs: tuple[Tensor, ...], targets: Tensor, label_smoothing: float = 0.0
    ) -> Tensor:
        """Sum of the networks' own losses, of those that the target reaches."""
        total = torch.zeros(len(targets), device=targets.device)
        for network, logits, place in zip(self._flats(), outputs, self.places, strict=True):
            here = place[targets]
            losses = network.loss((logits,), here.clamp(min=0), label_smoothing)
            total = total + losses.where(here >= 0, 0.0)
        return total

    def node_probabilities(self, outputs: tuple[Tensor, ...]) -> Tensor:
        """The router's, times those of the category's network below; see `Method`."""
        router, *below = (
            network.node_probabilities((logits,))
            for network, logits in zip(self._flats(), outputs, strict=True)
        )
        blocks = [
            router[:, category, None] * nodes[:, 1:]
            for category, nodes in zip(self.categories, below, strict=True)
        ]
        return torch.cat([router, *blocks], dim=1).index_select(1, self.columns)

    def _flats(self) -> list[Flat]:
        return [network for network in self.networks if isinstance(network, Flat)]


def _columns(sizes: Sequence[int], places: Sequence[Nodes]) -> Nodes:
    """Where each node stands among the router's nodes and those of the parts below their roots."""
    columns = places[0].copy()  # whose category has no network is as probable as the category
    start = sizes[0]
    for size, place in zip(sizes[1:], places[1:], strict=True):
        below = place > 0
        columns[below] = start + place[below] - 1
        start += size - 1
    return columns
