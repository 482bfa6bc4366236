"""Leakage: images of one category answered with a class of another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from labeltree.metrics.confusion import PairCounts, count_pairs
from labeltree.taxonomy import Nodes, Taxonomy


@dataclass(frozen=True, eq=False)
class Leakage:
    """How many images went from which category to which.

    Attributes:
        nodes: the categories, a cut of the tree, shape `(c,)`.
        pairs: categories of target and answer with their images, also where the two are the same.
        undecided: images answered with a node above the categories, by the target's, shape `(c,)`.
    """

    nodes: Nodes
    pairs: PairCounts
    undecided: Nodes

    @property
    def counts(self) -> Nodes:
        """Images by category of the target (rows) and of the answer, shape `(c, c)`.

        Meant for the upper levels of a large tree; `pairs` stays small on any.
        """
        table = np.zeros((len(self.nodes), len(self.nodes)), dtype=np.int64)
        rows, columns = (np.searchsorted(self.nodes, nodes) for nodes in self.pairs[:2])
        table[rows, columns] = self.pairs.images
        return table

    @property
    def leaked(self) -> float:
        """Share of all images that were answered with another category; NaN without images."""
        images = self.pairs.images.sum() + self.undecided.sum()
        apart = self.pairs.targets != self.pairs.answers
        return float(self.pairs.images[apart].sum() / images) if images else float("nan")


def leakage(taxonomy: Taxonomy, answers: Nodes, targets: Nodes, depth: int = 1) -> Leakage:
    """Merge the classes of each category and count confusions between categories.

    Images whose target is above the categories are left out.

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
    counted = taxonomy.reaches_cut(targets, depth)
    true = taxonomy.ancestor_at(targets[counted], depth)
    told = taxonomy.ancestor_at(answers[counted], depth)
    inside = taxonomy.reaches_cut(told, depth)
    nodes = taxonomy.cut(depth)
    undecided = np.bincount(true[~inside], minlength=taxonomy.num_nodes)[nodes]
    return Leakage(nodes, count_pairs(taxonomy, told[inside], true[inside]), undecided)
