"""What a class resembles more: its siblings, or the classes of another parent.

The affinity of a class to a group of classes is the mean probability that its images are one of
them and theirs are it, **per class**: otherwise large branches would win by their size alone.
Probabilities and not answers, since rightly answered images, too, tell what they resemble.

A single twin elsewhere (a whale and a shark) is a confused pair and no reason to move, so the
class of the other group that a class resembles most is left out. For the same reason a parent of
one class attracts nobody, and the true neighbours of a misplaced class, which resemble nothing
else where it now is, stay where they are.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from labeltree.taxonomy import Nodes, Probabilities, Taxonomy


class Comparison(NamedTuple):
    """A class, its parent, and the other parent to whose classes it has the most affinity.

    Attributes:
        parent: the other one, a node number.
        own_affinity: to the other classes of its own parent.
        other_affinity: to the classes of the other one without the most similar.
        rivals: number of parents that there were to choose from.
        leaning: of each image of the class, how much more probability, per class, it gives to the
            other ones than to its siblings; shape `(images of the class,)`.
    """

    parent: int
    own_affinity: float
    other_affinity: float
    rivals: int
    leaning: NDArray[np.floating]


class ParentLevel:
    """What all classes whose parents are at one depth share.

    Attributes:
        parents: nodes at the depth with at least two leaves below, shape `(c,)`.
        sizes: their number of leaves, shape `(c,)`.
        of_leaf: the ancestor of each leaf at the depth, shape `(num_leaves,)`.
        of_image: the ancestor of each image's label; the root, which is no parent here, if the
            label is no leaf; shape `(n,)`.
    """

    def __init__(self, taxonomy: Taxonomy, targets: Nodes, depth: int) -> None:
        level = taxonomy.level(depth)
        self.parents: Nodes = level.start + np.flatnonzero(taxonomy.leaf_counts[level] > 1)
        self.sizes: Nodes = taxonomy.leaf_counts[self.parents]
        self.of_leaf = taxonomy.ancestor_at(taxonomy.leaves, depth)
        self.of_image: Nodes = np.where(
            taxonomy.is_leaf[targets], taxonomy.ancestor_at(targets, depth), 0
        )


def compare(
    taxonomy: Taxonomy,
    probabilities: Probabilities,
    targets: Nodes,
    level: ParentLevel,
    leaf: int,
    images: Nodes,
) -> Comparison | None:
    """Compare a class with the best of the other parents at the depth of its own.

    Args:
        taxonomy: the tree.
        probabilities: coherent, shape `(n, num_nodes)`.
        targets: node numbers, shape `(n,)`.
        level: of the leaf's parent.
        leaf: the class.
        images: positions of its images; at least one.

    Returns:
        None where there is nothing to compare: no siblings with images, no other parent with
        images of at least two classes.
    """
    own = taxonomy.parents[leaf]
    at_home = level.parents == own
    rows = probabilities[images]
    twins = _most_similar(taxonomy, level, rows.mean(axis=0), leaf)

    # From the images of the class: shape (images, parents).
    towards = rows[:, level.parents] - np.where(at_home, rows[:, [leaf]], rows[:, twins])
    towards /= level.sizes - 1
    # From the images of the others.
    others = targets != leaf
    for_twin = np.zeros(taxonomy.num_nodes, dtype=bool)
    for_twin[twins[~at_home]] = True
    others &= ~for_twin[targets]
    homes = level.of_image[others]
    given = np.bincount(homes, weights=probabilities[others, leaf], minlength=taxonomy.num_nodes)
    counts = np.bincount(homes, minlength=taxonomy.num_nodes)[level.parents]
    able = counts > 0
    if not able[at_home].any() or able.sum() < 2:
        return None
    back = given[level.parents] / np.maximum(counts, 1)
    affinity = np.where(able, (towards.mean(axis=0) + back) / 2, -1.0)
    best = int(np.where(at_home, -1.0, affinity).argmax())
    home = int(np.flatnonzero(at_home)[0])
    return Comparison(
        parent=int(level.parents[best]),
        own_affinity=float(affinity[home]),
        other_affinity=float(affinity[best]),
        rivals=int(able.sum() - 1),
        leaning=towards[:, best] - towards[:, home],
    )


def _most_similar(
    taxonomy: Taxonomy, level: ParentLevel, means: NDArray[np.floating], leaf: int
) -> Nodes:
    """Of each parent the leaf that the images of `leaf` give the most probability."""
    order = np.argsort(means[taxonomy.leaves], kind="stable")
    order = order[taxonomy.leaves[order] != leaf]
    last = np.zeros(taxonomy.num_nodes, dtype=np.int64)
    last[level.of_leaf[order]] = taxonomy.leaves[order]  # the last one written is the largest
    return last[level.parents]
