"""Pairs of classes that are taken for each other, within a branch and across branches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labeltree.taxonomy import Nodes, Taxonomy


@dataclass(frozen=True, eq=False)
class Pairs:
    """Unordered pairs of leaves, the most frequently confused first; all of shape `(pairs,)`.

    Attributes:
        a, b: node numbers, `a < b`.
        a_as_b: images of `a` that are answered with `b`.
        b_as_a: the other way round.
        share: both together, of all images of the two classes.
        parted_at: the depth at which their branches part; 1 if they share nothing but the root.
        is_within: whether they have the same parent.
    """

    a: Nodes
    b: Nodes
    a_as_b: Nodes
    b_as_a: Nodes
    share: NDArray[np.float64]
    parted_at: Nodes
    is_within: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.a)

    @property
    def images(self) -> Nodes:
        """Images that were confused, either way."""
        return self.a_as_b + self.b_as_a


def confused_both_ways(taxonomy: Taxonomy, answers: Nodes, targets: Nodes) -> Pairs:
    """Count every pair of leaves of which one is taken for the other.

    Images labelled with an inner node are left out. Only pairs that occur are kept, so that a tree
    of any size costs no more than its mistakes.

    Args:
        taxonomy: the tree.
        answers: leaves, shape `(n,)`.
        targets: node numbers, shape `(n,)`.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> found = confused_both_ways(tree, np.array([4, 4, 3, 1]), np.array([3, 3, 4, 4]))
    >>> found.a.tolist(), found.b.tolist(), found.a_as_b.tolist(), found.b_as_a.tolist()
    ([3, 1], [4, 4], [2, 0], [1, 1])
    >>> found.is_within.tolist(), found.parted_at.tolist()
    ([True, False], [2, 1])
    """
    wrong = (answers != targets) & taxonomy.is_leaf[targets]
    true, told = targets[wrong], answers[wrong]
    low, high = np.minimum(true, told), np.maximum(true, told)
    codes, place, images = np.unique(
        low * taxonomy.num_nodes + high, return_inverse=True, return_counts=True
    )
    order = np.argsort(-images, kind="stable")
    a, b = np.divmod(codes[order], taxonomy.num_nodes)
    a_as_b = np.bincount(place[true < told], minlength=len(codes))[order]
    of_class = np.bincount(targets, minlength=taxonomy.num_nodes)
    return Pairs(
        a=a,
        b=b,
        a_as_b=a_as_b,
        b_as_a=images[order] - a_as_b,
        share=images[order] / (of_class[a] + of_class[b]),
        parted_at=taxonomy.depths[taxonomy.lowest_common_ancestor(a, b)] + 1,
        is_within=taxonomy.parents[a] == taxonomy.parents[b],
    )
