"""Mean average precision (mAP)."""

from __future__ import annotations

import numpy as np

from labeltree.metrics.label_sets.checks import as_sets
from labeltree.metrics.levels import mean
from labeltree.taxonomy import Probabilities, Taxonomy
from labeltree.taxonomy.label_sets import LabelSets, leaf_marks


def mean_average_precision(taxonomy: Taxonomy, scores: Probabilities, sets: LabelSets) -> float:
    """Average precision of every leaf, averaged over the leaves that some image shows.

    AP is the mean, over the images that show the leaf, of the share of such images among all with
    a score at least as high; images with equal scores count as answered together. Images of which
    it is not known whether they show the leaf do not count for it. NaN if no leaf is shown.

    Args:
        taxonomy: the tree.
        scores: higher where a leaf is likelier present, shape `(n, num_leaves)`.
        sets: label sets, shape `(n, K)`.

    Source: scikit-learn's `average_precision_score`, without interpolation.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> scores = np.array([[0.1, 0.9, 0.4], [0.2, 0.8, 0.9], [0.7, 0.1, 0.6]])
    >>> sets = np.array([[3, 4], [4, -1], [1, -1]])  # a puggle, a pug, a cat
    >>> round(mean_average_precision(tree, scores, sets), 4)  # cat 1, beagle 1, pug (1 + 2/3) / 2
    0.9444
    """
    present, known = leaf_marks(taxonomy, as_sets(taxonomy, scores, sets))
    precisions = []
    for leaf in np.flatnonzero(present.any(axis=0)):
        column = scores[:, leaf]
        answered, right = np.sort(column[known[:, leaf]]), np.sort(column[present[:, leaf]])
        hits = len(right) - np.searchsorted(right, right)
        precisions.append(mean(hits / (len(answered) - np.searchsorted(answered, right))))
    return mean(np.array(precisions))
