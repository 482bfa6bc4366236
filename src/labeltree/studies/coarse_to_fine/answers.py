"""What a system answers on the test images: with all experts, with some, and with the right one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labeltree.probabilities import NodeProbabilities
from labeltree.taxonomy import Nodes

HARD, TOP_2, SOFT = "hard", "top-2", "soft"

ROUTINGS: Mapping[str, int | None] = {HARD: 1, TOP_2: 2, SOFT: None}
"""How many of the most probable groups have a say; None for all."""

Values = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Routes:
    """Who is sent where.

    Attributes:
        groups: the group of each leaf, `(num_leaves,)`.
        router: the router's own probabilities, `(n, num_groups)`.
    """

    groups: Nodes
    router: Values

    @property
    def num_groups(self) -> int:
        """How many groups there are."""
        return self.router.shape[1]


@dataclass(frozen=True, eq=False)
class Answers:
    """Of the images whose label is a class.

    Attributes:
        leaves: probabilities with all experts, `(n, num_leaves)`.
        targets: positions among the leaves, `(n,)`.
        routes: None for a system without a router.
    """

    leaves: Values
    targets: Nodes
    routes: Routes | None = None

    @classmethod
    def of(
        cls, found: NodeProbabilities, groups: Nodes | None = None, router: Values | None = None
    ) -> Answers:
        """From node probabilities of images with labels.

        Args:
            found: of the system with all its experts.
            groups: the group of each leaf.
            router: the router's own probabilities for the same images, `(n, num_groups)`; None
                takes the sums over the groups' leaves.
        """
        tree, targets = found.taxonomy, found.targets
        assert targets is not None
        known = np.flatnonzero(tree.is_leaf[targets])
        leaves = found.probabilities[np.ix_(known, tree.leaves)].astype(np.float64)
        routes = None
        if groups is not None:
            router = group_sums(leaves, groups) if router is None else router[known]
            routes = Routes(groups, router.astype(np.float64))
        return cls(leaves, tree.leaf_index[targets[known]], routes)

    def routed(self, k: int | None) -> Values:
        """Leaf probabilities when only the `k` most probable groups are asked, `(n, num_leaves)`.

        The rest is scaled to sum to 1, as `labeltree.methods.routed` does it when only those
        experts run.
        """
        if k is None or self.routes is None or k >= self.routes.num_groups:
            return self.leaves
        order = np.argsort(-self.routes.router, axis=1, kind="stable")
        chosen = np.zeros(self.routes.router.shape, dtype=np.bool_)
        np.put_along_axis(chosen, order[:, :k], True, axis=1)
        kept = np.where(chosen[:, self.routes.groups], self.leaves, 0.0)
        total = kept.sum(axis=1, keepdims=True)
        return kept / np.where(total > 0, total, 1.0)

    def right(self, leaves: Values, k: int = 1) -> NDArray[np.bool_]:
        """Which images have their class among the `k` most probable of `leaves`, `(n,)`.

        A class that has no probability at all, because its expert was not asked, is not.
        """
        own = np.take_along_axis(leaves, self.targets[:, None], axis=1)
        places = np.arange(leaves.shape[1])
        before = (leaves > own) | ((leaves == own) & (places < self.targets[:, None]))
        return np.asarray((before.sum(axis=1) < k) & (own[:, 0] > 0))

    def right_group(self) -> NDArray[np.bool_] | None:
        """Which images the router would send to the expert of their class, `(n,)`."""
        if self.routes is None:
            return None
        return np.asarray(self.routes.router.argmax(axis=1) == self.routes.groups[self.targets])

    def right_told(self, groups: Nodes) -> NDArray[np.bool_]:
        """Which images are right when the group of their class is given: an oracle router.

        Args:
            groups: the group of each leaf, the system's own or another's.
        """
        within = groups[None, :] == groups[self.targets][:, None]
        return self.right(np.where(within, self.leaves, -1.0))


def group_sums(leaves: Values, groups: Nodes) -> Values:
    """Probabilities of the groups, `(n, num_groups)`."""
    sums = np.zeros((len(leaves), int(groups.max()) + 1))
    np.add.at(sums.T, groups, leaves.T)
    return sums
