"""Coherence: does every node's probability equal the sum of its children's?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from labeltree.decoding.adaptation import as_probabilities
from labeltree.taxonomy import Probabilities, Taxonomy


def incoherence(taxonomy: Taxonomy, probabilities: Probabilities) -> NDArray[np.floating]:
    """Largest gap between a node and the sum of its children, or between the root and 1.

    Args:
        taxonomy: the tree.
        probabilities: shape `(n, num_nodes)`.

    Returns:
        Shape `(n,)`; 0 is perfectly coherent.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> incoherence(tree, np.array([[1.0, 0.5, 0.5, 0.25, 0.25], [1.0, 0.5, 0.5, 0.0, 0.25]]))
    array([0.  , 0.25])
    """
    values = as_probabilities(taxonomy, probabilities)
    worst = np.abs(values[:, 0] - 1)
    for depth in range(taxonomy.depth):
        below = values[:, taxonomy.level(depth + 1)]
        sums = np.add.reduceat(below, taxonomy.child_offsets(depth), axis=1)
        gap = np.abs(sums - values[:, taxonomy.inner(depth)])
        worst = np.maximum(worst, gap.max(axis=1))
    return worst


def is_coherent(taxonomy: Taxonomy, probabilities: Probabilities, atol: float = 1e-5) -> bool:
    """Whether no row has an `incoherence` above `atol`."""
    return bool((incoherence(taxonomy, probabilities) <= atol).all())
