"""The images of a set by their class, grouped once for all comparisons."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from labeltree.taxonomy import Nodes, Probabilities, Taxonomy


class Classes:
    """Classes with images, and how probable the judged ones are to the images of all.

    Images labelled with an inner node are left out. The sums are by class, so that any classes can
    be left out of what is made of them without a subtraction, which would leave rounding errors
    beside small numbers. They are never more than a tenth of the probabilities, if a judged class
    has ten images.

    Args:
        taxonomy: the tree.
        probabilities: shape `(n, num_nodes)`.
        targets: node numbers, shape `(n,)`.
        fewest: images that a class needs to be judged; classes below the root are not.

    Attributes:
        leaves: classes with images, ascending, shape `(k,)`.
        counts: number of their images, shape `(k,)`.
        images: positions of the images of each, ascending, `k` arrays.
        judged: which of `leaves` are to be judged: positions, shape `(j,)`.
        given: the probability of each judged class, summed over the images of each class (rows);
            float64, shape `(k, j)`.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> p = tree.roll_up(np.array([[0.0, 0.5, 0.5], [0.0, 0.25, 0.75], [0.0, 1.0, 0.0]]))
    >>> found = Classes(tree, p, targets=np.array([4, 4, 3]), fewest=2)
    >>> found.leaves.tolist(), found.judged.tolist(), found.given.tolist()
    ([3, 4], [1], [[0.0], [1.25]])
    """

    def __init__(
        self, taxonomy: Taxonomy, probabilities: Probabilities, targets: Nodes, fewest: int
    ) -> None:
        known = np.flatnonzero(taxonomy.is_leaf[targets])
        order = known[np.argsort(targets[known], kind="stable")]
        self.leaves, starts, self.counts = np.unique(
            targets[order], return_index=True, return_counts=True
        )
        self.images: list[Nodes] = np.split(order, starts[1:])[: len(self.leaves)]
        enough = (self.counts >= fewest) & (taxonomy.depths[self.leaves] > 1)
        self.judged: Nodes = np.flatnonzero(enough)
        self.given: NDArray[np.float64] = np.zeros((len(self.leaves), len(self.judged)))
        columns = self.leaves[self.judged]
        for sums, images in zip(self.given, self.images, strict=True):
            probabilities[np.ix_(images, columns)].sum(axis=0, dtype=np.float64, out=sums)
