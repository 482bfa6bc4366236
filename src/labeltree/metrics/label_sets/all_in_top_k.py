"""Share of images of which everything that they show is among the k best leaves."""

from __future__ import annotations

import numpy as np

from labeltree.metrics.label_sets.checks import check_k
from labeltree.metrics.label_sets.ranks import present_ranks
from labeltree.metrics.levels import mean
from labeltree.taxonomy import Probabilities, Taxonomy
from labeltree.taxonomy.label_sets import LabelSets


def all_in_top_k(taxonomy: Taxonomy, scores: Probabilities, sets: LabelSets, k: int = 1) -> float:
    """Share of images whose present nodes are all among the k best leaves.

    A present inner node is found if any leaf below it is. Leaves of which it is not known whether
    they are present take no place. An image with more than k labels is never right; one known at
    the root only does not count. NaN if no image counts.

    Args:
        taxonomy: the tree.
        scores: whatever ranks leaves: presence or probabilities, shape `(n, num_leaves)`; of
            equal ones the lower leaf comes first.
        sets: label sets, shape `(n, K)`.
        k: at least 1.

    Raises:
        ValueError: k below 1, or a shape that does not fit.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> scores, puggle = np.array([[0.2, 0.9, 0.1]]), np.array([[3, 4]])
    >>> [all_in_top_k(tree, scores, puggle, k) for k in (1, 2, 3)]
    [0.0, 0.0, 1.0]
    """
    check_k(k)
    ranks, sought = present_ranks(taxonomy, scores, sets)
    right = np.all((ranks < k) | ~sought, axis=1)
    return mean(right[sought.any(axis=1)])
