"""Leakage between the branches of every level."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from labeltree.audit.accounting import Accounting, account
from labeltree.metrics import Leakage, leakage, wilson_interval
from labeltree.taxonomy import Nodes, Taxonomy


@dataclass(frozen=True, eq=False)
class BranchLevel:
    """One level above the classes: its categories, and what leaks between them.

    Attributes:
        depth: 1 for the branches below the root.
        leakage: images by the category of the label and of the answer.
        accounting: wrong answers by category, within it and between.
    """

    depth: int
    leakage: Leakage
    accounting: Accounting

    @property
    def nodes(self) -> Nodes:
        """The categories, shape `(c,)`."""
        return self.leakage.nodes

    def worst_first(self) -> Nodes:
        """Positions of the categories that have images, by how much they surely leak.

        Ordered by the lower end of the 95 % interval: one leaked image of one proves little.
        """
        images, between = self.accounting.images, self.accounting.between
        there = np.flatnonzero(images)
        surely = [wilson_interval(int(between[i]), int(images[i]))[0] for i in there]
        return there[np.argsort(-np.array(surely), kind="stable")]


def branch_levels(taxonomy: Taxonomy, answers: Nodes, targets: Nodes) -> list[BranchLevel]:
    """Every level but the deepest, at which each class is its own category.

    Args:
        taxonomy: the tree; with one level there is none.
        answers: leaves, shape `(n,)`.
        targets: node numbers, shape `(n,)`.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> (level,) = branch_levels(tree, answers=np.array([1, 4, 1]), targets=np.array([1, 3, 4]))
    >>> [tree.paths[level.nodes[i]] for i in level.worst_first()]
    ['dog', 'cat']
    """
    return [
        BranchLevel(
            depth,
            leakage(taxonomy, answers, targets, depth),
            account(taxonomy, answers, targets, depth),
        )
        for depth in range(1, taxonomy.depth)
    ]
