"""Share of images of which something that they show is among the k best leaves."""

from __future__ import annotations

import numpy as np

from labeltree.metrics.label_sets.checks import check_k
from labeltree.metrics.label_sets.ranks import present_ranks
from labeltree.metrics.levels import mean
from labeltree.taxonomy import Probabilities, Taxonomy
from labeltree.taxonomy.label_sets import LabelSets


def any_in_top_k(taxonomy: Taxonomy, scores: Probabilities, sets: LabelSets, k: int = 1) -> float:
    """Share of images with at least one present node among the k best leaves.

    Arguments, inner nodes and what does not count as with `all_in_top_k`; where every image has
    one label, the two are the same.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> any_in_top_k(tree, np.array([[0.2, 0.9, 0.1]]), np.array([[3, 4]]))
    1.0
    """
    check_k(k)
    ranks, sought = present_ranks(taxonomy, scores, sets)
    right = np.any((ranks < k) & sought, axis=1)
    return mean(right[sought.any(axis=1)])
