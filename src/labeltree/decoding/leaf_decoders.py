"""Baselines that decide among the leaves and roll that up: the leaves alone, and HiE."""

from __future__ import annotations

import numpy as np

from labeltree.decoding.checks import as_probabilities
from labeltree.taxonomy import Probabilities, Taxonomy


def rolled_up(taxonomy: Taxonomy, probabilities: Probabilities) -> Probabilities:
    """The plain baseline: inner nodes get the sums of their leaves, whatever was said of them.

    Args:
        taxonomy: the tree.
        probabilities: shape `(n, num_nodes)`; only the leaves' are used.

    Returns:
        A new array, shape `(n, num_nodes)`, coherent: the leaves are made to sum to 1.

    >>> tree = Taxonomy.from_paths(["cat/manx", "dog/beagle", "dog/pug"])
    >>> rolled_up(tree, np.array([[1, 0.9, 0.1, 0.25, 0.25, 0.5]])).tolist()
    [[1.0, 0.25, 0.75, 0.25, 0.25, 0.5]]
    """
    leaves = as_probabilities(taxonomy, probabilities)[:, taxonomy.leaves]
    return _normalised(taxonomy, leaves)


def hie(taxonomy: Taxonomy, probabilities: Probabilities) -> Probabilities:
    """Hierarchical ensembles: each leaf times its parent's own probability, normalised.

    The paper has two classifiers: one of the leaves, one of their parents, all at one depth. In a
    deeper tree the levels above the parents take no part, as in the paper. In a tree of unequal
    depth the second classifier is the cut above the deepest level: there a shallower leaf stands
    for itself, so that its own probability counts twice, as a deep leaf's family is asked twice.

    Args:
        taxonomy: the tree.
        probabilities: shape `(n, num_nodes)`, each level by a head of its own; coherent ones, as
            `flat` gives them, are sharpened in favour of families.

    Returns:
        A new array, shape `(n, num_nodes)`, coherent. Where all products are 0 the leaves stay as
        they are.

    Source: Jain, Karthik, Gandhi 2023, "Test-Time Amendment with a Coarse Classifier for
    Fine-Grained Classification" (NeurIPS), section 3.

    >>> tree = Taxonomy.from_paths(["cat/manx", "dog/beagle", "dog/pug"])
    >>> p = np.array([[1, 0.2, 0.8, 0.5, 0.25, 0.25]])
    >>> hie(tree, p).round(3).tolist()
    [[1.0, 0.2, 0.8, 0.2, 0.4, 0.4]]
    """
    given = as_probabilities(taxonomy, probabilities)
    leaves = given[:, taxonomy.leaves]
    above = taxonomy.ancestor_at(taxonomy.leaves, taxonomy.depth - 1)
    products = leaves * given[:, above].astype(np.float64)
    agreed = products.sum(axis=1, keepdims=True) > 0
    return _normalised(taxonomy, np.where(agreed, products, leaves)).astype(given.dtype)


def _normalised(taxonomy: Taxonomy, leaves: Probabilities) -> Probabilities:
    sums = leaves.sum(axis=1, keepdims=True, dtype=np.float64)
    return taxonomy.roll_up((leaves / sums).astype(leaves.dtype))
