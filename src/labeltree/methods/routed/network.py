"""A router over groups of classes, and an expert for each group: their probabilities multiply."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from labeltree.backbones import Backbone
from labeltree.data.scope import REST
from labeltree.methods.flat.network import Flat
from labeltree.methods.parts import Part
from labeltree.methods.protocol import Method, NewBackbone
from labeltree.methods.roll_up import RollUp
from labeltree.methods.routed.regrouping import most_probable, rows_of_groups, take_rows
from labeltree.methods.routed.routing import Routing
from labeltree.methods.routed.tables import divide
from labeltree.taxonomy import Taxonomy


class _Expert(NamedTuple):
    """What an expert knows: a group, by its place among the router's leaves, and perhaps REST."""

    group: int
    rest: int | None  # column of its logits that stands for "none of these"


class Routed(Method):
    """`P(leaf) = P(group) · P(leaf | group)`; every other node has the sum of its leaves.

    ```
                   ┌─ router ──────────── P(group)
    images ─ trunk ┼─ expert of group 1 ─ P(leaf | group 1)
                   └─ expert of group 2 ─ P(leaf | group 2)
    ```

    The first factor comes from the router, a `Flat` on the tree of the groups; the second from the
    group's expert, a `Flat` on the part of the tree above its leaves. A group of one class has no
    expert. The groups need not be nodes of the tree. The trunk is empty, so that the networks
    share nothing, unless there is a merge point; then it is that of the HD-CNN.

    An expert with an output `none of these` (see `RoutedConfig.misrouted`) has a say in the first
    factor: the router's is multiplied by one minus the probability of that output, and the groups
    are renormalised. What it says of its classes is renormalised without that output.

    In evaluation with hard or top-k routing, only the experts of an image's k most probable groups
    run, each on the images that are its own; the batch is regrouped for that. P(group) is then
    renormalised over the chosen groups, so that every cut still sums to 1. In training all run.

    The loss of an image is the sum of the losses of the networks that its target reaches: the
    router, and its group's expert. As the groups are disjoint, that is `-log P(leaf)` of soft
    routing, where no expert has an output `none of these`: the term of the HD-CNN that keeps the
    fine probabilities consistent with the coarse ones is not needed, since the router learns the
    groups directly. A label whose group is not known, as of an inner node with leaves in several
    groups, has no loss. An expert with `none of these` learns it where it is trained by itself; in
    this loss it has its group's images only. In training together, batch norm sees the images of
    all groups in every network; apart (`labeltree.runs.parts`), only its own.

    `forward` returns one tensor for each network, the router's first, over the leaves of its tree.
    With hard or top-k routing the router's logits are -inf for the groups that were not chosen,
    and an expert's are 0 for the images on which it did not run.

    Source: paper 004, section 3 and figure 2 (hard routing, groups that cut across the tree);
    paper 000, section 2.2 (a network per category); Yan et al., "HD-CNN", ICCV 2015 (soft routing,
    top-k, the trunk). Groups of one class, any tree and inner labels are ours.

    Attributes:
        trunk: the stages that all networks share.
        networks: the router and the experts.
        num_groups: with and without expert.
        routing: may be set at any time; it is not learned.
    """

    def __init__(
        self,
        taxonomy: Taxonomy,
        new_backbone: NewBackbone,
        parts: Sequence[Part],
        routing: Routing | None = None,
        merge_point: int = 0,
    ) -> None:
        """Build the networks.

        Args:
            taxonomy: the label tree.
            new_backbone: gives a freshly initialised backbone at each call.
            parts: the router's and those of the experts; see `labeltree.methods.routed.plan`.
            routing: soft if not given.
            merge_point: number of stages that all share.

        Raises:
            ConfigError: a merge point that the backbone does not have.
        """
        super().__init__(taxonomy)
        self.routing = routing or Routing()
        trees, tables = divide(taxonomy, [part.scope for part in parts])
        self.trunk = nn.Sequential()
        self.networks = nn.ModuleList()
        for part, tree in zip(parts, trees, strict=True):
            backbone = new_backbone(part.backbone) if part.backbone else new_backbone()
            trunk, rest = _cut(backbone, merge_point)
            if not len(self.networks):
                self.trunk = trunk
            self.networks.append(Flat(tree, rest))
        self.num_groups = trees[0].num_leaves
        self.experts = [
            _Expert(
                _leaf(trees[0], part.group or ""), _leaf(tree, REST) if part.scope.rest else None
            )
            for part, tree in zip(parts[1:], trees[1:], strict=True)
        ]
        self.labels: Tensor  # see `Tables`, as all of these
        self.expert_of: Tensor
        self.places: Tensor
        self.groups: Tensor
        self.columns: Tensor
        for name, table in tables._asdict().items():
            self.register_buffer(name, torch.from_numpy(table), persistent=False)
        self.roll_up = RollUp(taxonomy)

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Logits of the networks; see the class."""
        maps = self.trunk(images)
        router, *experts = self._flats()
        logits = router(maps)[0]
        if self.training or self.routing.most is None or self.routing.most >= self.num_groups:
            return (logits, *(expert(maps)[0] for expert in experts))
        chosen = most_probable(logits, self.routing.most)
        rows = rows_of_groups(chosen)
        outputs = [logits.masked_fill(~chosen, -torch.inf)]
        for expert, (group, _) in zip(experts, self.experts, strict=True):
            output = logits.new_zeros(len(logits), expert.taxonomy.num_leaves)
            if len(mine := rows[group]):
                answers = expert(take_rows(maps, mine))[0]
                output = output.index_copy(0, mine, answers.to(output.dtype))
            outputs.append(output)
        return tuple(outputs)

    def loss(
        self, outputs: tuple[Tensor, ...], targets: Tensor, label_smoothing: float = 0.0
    ) -> Tensor:
        """Sum of the networks' own losses, of those that the target reaches."""
        router, *experts = self._flats()
        labels, reached, places = (
            table[targets] for table in (self.labels, self.expert_of, self.places)
        )
        total = router.loss(outputs[:1], labels, label_smoothing).where(labels > 0, 0.0)
        for number, (expert, logits) in enumerate(zip(experts, outputs[1:], strict=True)):
            mine = reached == number
            losses = expert.loss((logits,), places.where(mine, 0), label_smoothing)
            total = total + losses.where(mine, 0.0)
        return total

    def node_probabilities(self, outputs: tuple[Tensor, ...]) -> Tensor:
        """The group's probability times that of the leaf within it, rolled up; see `Method`."""
        groups = outputs[0].float()
        own = torch.zeros_like(groups)  # log of what an expert says of its group
        within = [groups.new_ones(len(groups), 1)]
        for expert, output in zip(self.experts, outputs[1:], strict=True):
            logits = output.float()
            if expert.rest is not None:
                everything = logits.logsumexp(1)
                logits = logits.clone()
                logits[:, expert.rest] = -torch.inf
                own[:, expert.group] = logits.logsumexp(1) - everything
            within.append(logits.softmax(1))
        weights = (groups + own).softmax(1).index_select(1, self.groups)
        leaves = weights * torch.cat(within, dim=1).index_select(1, self.columns)
        nodes: Tensor = self.roll_up(leaves)
        return nodes

    def _flats(self) -> list[Flat]:
        return [network for network in self.networks if isinstance(network, Flat)]


def _cut(backbone: Backbone, merge_point: int) -> tuple[nn.Sequential, Backbone]:
    """The shared stages, and the others as a backbone."""
    trunk, _ = backbone.cut(merge_point)
    if not merge_point:
        return trunk, backbone
    stages = list(backbone.stages)[merge_point:]
    return trunk, Backbone(stages, backbone.pool, backbone.num_features, backbone.logit_scale)


def _leaf(tree: Taxonomy, path: str) -> int:
    leaf = int(tree.leaf_index[tree.find(path)])
    assert leaf >= 0, f"{path!r} is no leaf of {tree}"
    return leaf
