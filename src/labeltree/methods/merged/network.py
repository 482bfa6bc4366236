"""One softmax for each level, on networks that share their first stages."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from labeltree.errors import ConfigError
from labeltree.losses import LevelCrossEntropy
from labeltree.methods.level_probabilities import LevelProbabilities
from labeltree.methods.protocol import Method, NewBackbone
from labeltree.taxonomy import Taxonomy

MergePoint = int | str | tuple[int, ...]


class Merged(Method):
    """One network for each level; those of the coarser levels branch off that of the finest.

    ```
    merge_point 1, two levels, three stages:

    images ─ stage ─┬─ stage ─ stage ─ pool ─ classifier   coarse
                    └─ stage ─ stage ─ pool ─ classifier   fine
    ```

    The finest level's network is whole. A branch with merge point k takes the maps after k of its
    stages through stages of its own; with the last merge point it takes the features after the
    pool, so that only its classifier is its own.

    `0` and `"separate"` share no parameter, so each network's gradients are those that it would
    have alone. They differ in what the networks start from: with `0`, one model, the branches are
    drawn from the run's stream of random numbers after the finest level's network; with
    `"separate"`, each level's network is drawn from a seed of its own, as when somebody trains
    one network for each level.

    Under one seed the finest level's network starts from the same weights whatever the merge
    point, and, where all leaves are equally deep, from those of `flat`: comparisons are paired.

    `forward` returns one tensor for each level, coarse to fine, over the nodes at that depth.

    Source: paper 002, section 3.4 and figure 2 (c–g); any number of levels, a merge point for each
    and unequal depth are ours.
    """

    def __init__(
        self, taxonomy: Taxonomy, new_backbone: NewBackbone, merge_point: MergePoint
    ) -> None:
        """Build the networks.

        Args:
            taxonomy: the label tree.
            new_backbone: gives a freshly initialised backbone at each call.
            merge_point: see `MergedConfig`.

        Raises:
            ConfigError: a merge point that the backbone does not have, or a list of the wrong
                length.
        """
        super().__init__(taxonomy)
        self.points = _point_of_each_branch(merge_point, taxonomy.depth - 1)
        self.criterion = LevelCrossEntropy(taxonomy)
        *coarser, finest = self.criterion.output_sizes
        self.backbone = new_backbone()
        self.head = self.backbone.classifier(finest)
        build = self._separate_branch if merge_point == "separate" else self._branch
        self.branches = nn.ModuleList(
            build(new_backbone, point, size)
            for point, size in zip(self.points, coarser, strict=True)
        )
        self.levels = LevelProbabilities(taxonomy)

    def _branch(self, new_backbone: NewBackbone, point: int, size: int) -> nn.Module:
        if point == len(self.backbone.stages):
            return self.backbone.classifier(size)
        backbone = new_backbone()
        _, rest = backbone.cut(point)
        return nn.Sequential(*rest, backbone.classifier(size))

    def _separate_branch(self, new_backbone: NewBackbone, point: int, size: int) -> nn.Module:
        seed = int(torch.randint(2**63 - 1, ()))
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed)
            return self._branch(new_backbone, point, size)

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Logits of the nodes of each level; see `Method`."""
        shared = [images]
        for stage in self.backbone.stages:
            shared.append(stage(shared[-1]))
        shared[-1] = self.backbone.pool(shared[-1])
        branches = zip(self.points, self.branches, strict=True)
        return (*(branch(shared[point]) for point, branch in branches), self.head(shared[-1]))

    def loss(
        self, outputs: tuple[Tensor, ...], targets: Tensor, label_smoothing: float = 0.0
    ) -> Tensor:
        """Sum of the cross-entropies of the levels that the target reaches."""
        losses: Tensor = self.criterion(outputs, targets, label_smoothing)
        return losses

    def node_probabilities(self, outputs: tuple[Tensor, ...]) -> Tensor:
        """Each level by its own head; see `LevelProbabilities`."""
        probabilities: Tensor = self.levels(outputs)
        return probabilities


def _point_of_each_branch(merge_point: MergePoint, num_branches: int) -> tuple[int, ...]:
    """The merge points of the levels above the finest, coarse to fine."""
    if merge_point == "separate":
        return (0,) * num_branches
    if isinstance(merge_point, int):
        return (merge_point,) * num_branches
    if len(merge_point) != num_branches:
        raise ConfigError(
            f"merge_point lists {len(merge_point)} stages; this taxonomy needs {num_branches}, "
            "one for each level above the finest"
        )
    return tuple(int(point) for point in merge_point)
