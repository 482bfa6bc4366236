"""Errors per node, for a picture of the tree coloured by error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labeltree.taxonomy import Nodes, Taxonomy


@dataclass(frozen=True, eq=False)
class NodeErrors:
    """Counts per node, each of shape `(num_nodes,)`.

    Attributes:
        images: images whose target is at or below the node.
        missed: those of them whose answer is not at or below the node: they left the branch.
    """

    images: Nodes
    missed: Nodes

    @property
    def missed_share(self) -> NDArray[np.float64]:
        """`missed / images`; NaN where there is no image. Leaves: 1 − recall."""
        with np.errstate(invalid="ignore"):
            return self.missed / self.images


def node_errors(taxonomy: Taxonomy, answers: Nodes, targets: Nodes) -> NodeErrors:
    """Count images and errors at and below every node.

    Args:
        taxonomy: the tree.
        answers: any nodes, usually leaves, shape `(n,)`.
        targets: node numbers, shape `(n,)`.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> errors = node_errors(tree, answers=np.array([4, 1]), targets=np.array([3, 3]))
    >>> errors.images.tolist(), errors.missed.tolist()
    ([2, 0, 2, 2, 0], [0, 0, 1, 2, 0])
    """
    meet = taxonomy.lowest_common_ancestor(answers, targets)
    images = _count_upwards(taxonomy, targets)
    # An answer is at or below a node of its target's path exactly if their meeting point is.
    kept = _count_upwards(taxonomy, meet)
    return NodeErrors(images, images - kept)


def _count_upwards(taxonomy: Taxonomy, nodes: Nodes) -> Nodes:
    """How many of `nodes` are at or below each node, shape `(num_nodes,)`."""
    counts: Nodes = np.bincount(nodes, minlength=taxonomy.num_nodes)
    for depth in range(taxonomy.depth, 0, -1):
        level = taxonomy.level(depth)
        np.add.at(counts, taxonomy.parents[level], counts[level])
    return counts
