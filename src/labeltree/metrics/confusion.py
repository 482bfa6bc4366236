"""Which labels are taken for which, without a table of labels by labels."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from labeltree.taxonomy import Nodes, Taxonomy


class PairCounts(NamedTuple):
    """How often each pair of a target and an answer occurs, the most frequent first.

    Attributes:
        targets: node numbers, shape `(pairs,)`.
        answers: node numbers, shape `(pairs,)`.
        images: shape `(pairs,)`.
    """

    targets: Nodes
    answers: Nodes
    images: Nodes


def count_pairs(taxonomy: Taxonomy, answers: Nodes, targets: Nodes) -> PairCounts:
    """Count the pairs that occur; equal counts in order of the node numbers.

    Args:
        taxonomy: the tree.
        answers: node numbers, shape `(n,)`.
        targets: node numbers, shape `(n,)`.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> found = count_pairs(tree, answers=np.array([1, 4, 4]), targets=np.array([3, 3, 3]))
    >>> found.targets.tolist(), found.answers.tolist(), found.images.tolist()
    ([3, 3], [4, 1], [2, 1])
    """
    codes, images = np.unique(targets * taxonomy.num_nodes + answers, return_counts=True)
    order = np.argsort(-images, kind="stable")
    true, told = np.divmod(codes[order], taxonomy.num_nodes)
    return PairCounts(true, told, images[order])


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

    Images count whose target is a leaf and whose answer is a leaf.

    Args:
        taxonomy: the tree.
        answers: node numbers, shape `(n,)`.
        targets: node numbers, shape `(n,)`.
        most: at most so many pairs.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> confused_pairs(tree, answers=np.array([4, 4, 3]), targets=np.array([3, 3, 3]))
    [ConfusedPair(target=3, answer=4, images=2, share=0.6666666666666666)]
    """
    wrong = (answers != targets) & taxonomy.is_leaf[targets] & taxonomy.is_leaf[answers]
    pairs = count_pairs(taxonomy, answers[wrong], targets[wrong])
    of_target = np.bincount(targets, minlength=taxonomy.num_nodes)
    return [
        ConfusedPair(target, answer, images, float(images / of_target[target]))
        for target, answer, images in zip(*(part[:most].tolist() for part in pairs), strict=True)
    ]
