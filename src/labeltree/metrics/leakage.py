"""Leakage: images of one category answered with a class of another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labeltree.metrics.levels import decided
from labeltree.taxonomy.tree import Nodes, Taxonomy


@dataclass(frozen=True, eq=False)
class Leakage:
    """How many images went from which category to which.

    Attributes:
        nodes: the categories, a cut of the tree, shape `(c,)`.
        counts: images by category of the target (rows) and of the answer, shape `(c, c)`.
        undecided: images answered with a node above the categories, by the target's, shape `(c,)`.
    """

    nodes: Nodes
    counts: Nodes
    undecided: Nodes

    @property
    def shares(self) -> NDArray[np.float64]:
        """`counts` as shares of the images of each category; NaN where it has none."""
        images = self.counts.sum(axis=1) + self.undecided
        with np.errstate(invalid="ignore"):
            return self.counts / images[:, None]

    @property
    def leaked(self) -> float:
        """Share of all images that were answered with another category; NaN without images."""
        images = self.counts.sum() + self.undecided.sum()
        if not images:
            return float("nan")
        return float((self.counts.sum() - np.trace(self.counts)) / images)


def leakage(taxonomy: Taxonomy, answers: Nodes, targets: Nodes, depth: int = 1) -> Leakage:
    """Merge the classes of each category and count confusions between categories.

    Images whose target is above the categories are left out. The result has a row and a column
    per node of the cut: meant for the upper levels of a large tree.

    Args:
        taxonomy: the tree.
        answers: any nodes, usually leaves, shape `(n,)`.
        targets: node numbers, shape `(n,)`.
        depth: the categories are the nodes of the cut at this depth.

    Source: 000, section 2.2.1 (inter-category leakage, table 4).

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> found = leakage(tree, answers=np.array([1, 4, 1]), targets=np.array([1, 3, 4]))
    >>> found.counts.tolist(), round(found.leaked, 3)
    ([[1, 0], [1, 1]], 0.333)
    """
    nodes = taxonomy.cut(depth)
    counted = decided(taxonomy, targets, depth)
    true = np.searchsorted(nodes, taxonomy.ancestor_at(targets[counted], depth))
    lifted = taxonomy.ancestor_at(answers[counted], depth)
    told = np.searchsorted(nodes, lifted)
    inside = nodes[np.minimum(told, len(nodes) - 1)] == lifted
    size = len(nodes)
    pairs = np.bincount(true[inside] * size + told[inside], minlength=size**2)
    return Leakage(nodes, pairs.reshape(size, size), np.bincount(true[~inside], minlength=size))
