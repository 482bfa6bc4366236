"""The pairs of labels that are confused most."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from labeltree.metrics.levels import is_leaf
from labeltree.taxonomy.tree import Nodes, Taxonomy


class ConfusedPair(NamedTuple):
    """Images of one leaf that are answered with another.

    Attributes:
        target: node number of the leaf that the images show.
        answer: node number of the leaf they were taken for.
        images: how many.
        share: of all images of `target`.
    """

    target: int
    answer: int
    images: int
    share: float


def confused_pairs(
    taxonomy: Taxonomy, answers: Nodes, targets: Nodes, most: int = 20
) -> list[ConfusedPair]:
    """The most frequent confusions of one leaf with another, by falling count.

    Only pairs that occur are counted: no table of leaves by leaves. Images count whose target is a
    leaf and whose answer is a leaf.

    Args:
        taxonomy: the tree.
        answers: node numbers, shape `(n,)`.
        targets: node numbers, shape `(n,)`.
        most: at most so many pairs.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> confused_pairs(tree, answers=np.array([4, 4, 3]), targets=np.array([3, 3, 3]))
    [ConfusedPair(target=3, answer=4, images=2, share=0.6666666666666666)]
    """
    wrong = (answers != targets) & is_leaf(taxonomy, targets) & is_leaf(taxonomy, answers)
    codes = targets[wrong] * taxonomy.num_nodes + answers[wrong]
    pairs, counts = np.unique(codes, return_counts=True)
    of_target = np.bincount(targets, minlength=taxonomy.num_nodes)
    first = np.argsort(-counts, kind="stable")[:most]
    found = zip(*np.divmod(pairs[first], taxonomy.num_nodes), counts[first], strict=True)
    return [
        ConfusedPair(int(target), int(answer), int(count), float(count / of_target[target]))
        for target, answer, count in found
    ]
