"""At which place among the leaves each present node is found."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from labeltree.metrics.label_sets.checks import as_sets
from labeltree.taxonomy import Nodes, Probabilities, Taxonomy
from labeltree.taxonomy.label_sets import NONE, LabelSets, leaf_marks

_BLOCK_VALUES = 4_000_000  # compared at a time, so that a large set needs no copy of itself


def present_ranks(
    taxonomy: Taxonomy, scores: Probabilities, sets: LabelSets
) -> tuple[Nodes, NDArray[np.bool_]]:
    """How many leaves come before each present node.

    A present inner node is where its surest leaf is. Leaves of which it is not known whether they
    are present, the other leaves below that node among them, take no place.
    Of equal scores the lower leaf comes first; what is no number comes before everything.

    Args:
        taxonomy: the tree.
        scores: higher where a leaf is likelier present, shape `(n, num_leaves)`.
        sets: label sets, shape `(n, K)`.

    Returns:
        Ranks from 0 on, and which of them belong to a node: of an image known at the root only
        there is nothing to find. Both `(n, K)`.
    """
    sets = as_sets(taxonomy, scores, sets)
    ranks = np.zeros(sets.shape, dtype=np.int64)
    size = max(1, _BLOCK_VALUES // taxonomy.num_leaves)
    for start in range(0, len(sets), size):
        block = slice(start, start + size)
        ranks[block] = _ranks(taxonomy, scores[block], sets[block])
    return ranks, sets > 0


def _ranks(taxonomy: Taxonomy, scores: Probabilities, sets: LabelSets) -> Nodes:
    narrowed = _narrowed(taxonomy, scores, sets)
    _, known = leaf_marks(taxonomy, narrowed)
    rows, columns = np.nonzero(sets > 0)
    place = taxonomy.leaf_index[narrowed[rows, columns]][:, np.newaxis]
    values = scores[rows]
    own = np.take_along_axis(values, place, axis=1)
    before = ~(values <= own)
    before |= (values == own) & (np.arange(taxonomy.num_leaves) < place)
    before &= known[rows]
    ranks = np.zeros(sets.shape, dtype=np.int64)
    ranks[rows, columns] = before.sum(axis=1)
    return ranks


def _narrowed(taxonomy: Taxonomy, scores: Probabilities, sets: LabelSets) -> LabelSets:
    """The same sets with each present inner node told more narrowly: its surest leaf is present.

    Returns:
        Shape `(n, 2 K)`: the second half makes the other leaves below inner nodes unknown.
    """
    inner = (sets > 0) & ~taxonomy.is_leaf[np.maximum(sets, 0)]
    narrowed = sets.copy()
    for node in np.unique(sets[inner]):
        rows, columns = np.nonzero(sets == node)
        below = np.flatnonzero(taxonomy.is_at_or_below(taxonomy.leaves, node))
        narrowed[rows, columns] = taxonomy.leaves[below[scores[np.ix_(rows, below)].argmax(axis=1)]]
    return np.hstack([narrowed, np.where(inner, -2 - sets, NONE)])
