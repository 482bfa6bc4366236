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

from labeltree.audit.classes import Classes
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
    leaning: NDArray[np.float64]


class ParentLevel:
    """What all classes whose parents are at one depth share.

    Attributes:
        parents: nodes at the depth with at least two leaves below, ascending, shape `(c,)`.
        sizes: their number of leaves, shape `(c,)`.
        leaves: those leaves, parent by parent, shape `(sum of sizes,)`.
        starts: where the leaves of each parent begin, shape `(c,)`.
        of_node: for each leaf the position of its parent in `parents`; -1 for leaves of no parent
            here, and for inner nodes; shape `(num_nodes,)`.
    """

    def __init__(self, taxonomy: Taxonomy, depth: int) -> None:
        level = taxonomy.level(depth)
        self.parents: Nodes = level.start + np.flatnonzero(taxonomy.leaf_counts[level] > 1)
        self.sizes: Nodes = taxonomy.leaf_counts[self.parents]
        self.starts: Nodes = np.cumsum(self.sizes) - self.sizes
        above = taxonomy.ancestor_at(taxonomy.leaves, depth)
        order = np.argsort(above, kind="stable")
        self.leaves: Nodes = taxonomy.leaves[order[np.isin(above[order], self.parents)]]
        self.of_node: Nodes = np.full(taxonomy.num_nodes, -1, dtype=np.int64)
        self.of_node[self.leaves] = np.repeat(np.arange(len(self.parents)), self.sizes)

    def largest(self, values: NDArray[np.floating]) -> Nodes:
        """Of each parent the position, in `leaves`, of the largest value; of equal ones the last.

        Args:
            values: of each of `leaves`.
        """
        most = np.repeat(np.maximum.reduceat(values, self.starts), self.sizes)
        found = np.flatnonzero(values == most)
        last = np.zeros(len(self.parents), dtype=np.int64)
        last[self.of_node[self.leaves[found]]] = found  # the last one written stays
        return last


def compare(
    probabilities: Probabilities, classes: Classes, judged: int, level: ParentLevel
) -> Comparison | None:
    """Compare a class with the best of the other parents at the depth of its own.

    Everything is summed from the probabilities of leaves, in float64: the siblings of a surely
    recognised class are much smaller than the rounding errors of `parent - class` in float32.

    Args:
        probabilities: coherent, shape `(n, num_nodes)`.
        classes: the images by their class.
        judged: the class, as a position in `classes.judged`.
        level: of the class's parent.

    Returns:
        None where there is nothing to compare: no siblings with images, no other parent with
        images of at least two classes.
    """
    position = classes.judged[judged]
    leaf = classes.leaves[position]
    home = int(level.of_node[leaf])
    if home < 0:
        return None
    rows = probabilities[np.ix_(classes.images[position], level.leaves)].astype(np.float64)
    left_out = level.leaves == leaf
    twins = level.largest(np.where(left_out, -1.0, rows.mean(axis=0)))
    left_out[np.delete(twins, home)] = True

    # From the images of the class: shape (images, parents).
    rows[:, left_out] = 0.0
    towards = np.add.reduceat(rows, level.starts, axis=1) / (level.sizes - 1)
    # From the images of the others.
    homes = level.of_node[classes.leaves]
    others = (homes >= 0) & ~np.isin(classes.leaves, level.leaves[left_out])
    size, homes = len(level.parents), homes[others]
    given = np.bincount(homes, weights=classes.given[others, judged], minlength=size)
    counts = np.bincount(homes, weights=classes.counts[others], minlength=size)
    able = counts > 0
    if not able[home] or able.sum() < 2:
        return None
    affinity = np.where(able, (towards.mean(axis=0) + given / np.maximum(counts, 1)) / 2, -1.0)
    best = int(np.where(np.arange(size) == home, -1.0, affinity).argmax())
    return Comparison(
        parent=int(level.parents[best]),
        own_affinity=float(affinity[home]),
        other_affinity=float(affinity[best]),
        rivals=int(able.sum() - 1),
        leaning=towards[:, best] - towards[:, home],
    )
