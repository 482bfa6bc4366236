"""Label sets: what is known of images that show several things at once, as rows of node numbers.

A row holds the nodes that are present, ascending; then those that nobody looked for (not annotated,
so neither present nor absent), each as `-2 - node`; padded with `NONE`. Rows so make one int64
array `(n, K)` whatever their lengths, which loaders batch like any other target.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from labeltree.errors import TaxonomyError
from labeltree.taxonomy.arrays import Nodes
from labeltree.taxonomy.tree import Taxonomy

NONE = -1

LabelSets = NDArray[np.int64]
"""Shape `(n, K)`; see the module."""


def make_label_sets(
    taxonomy: Taxonomy,
    present: Sequence[Collection[int]],
    unknown: Sequence[Collection[int]] | None = None,
) -> LabelSets:
    """Rows of label sets from the nodes of each image.

    Args:
        taxonomy: the label tree.
        present: for each image the nodes that it shows; an inner node is known only that deep.
        unknown: for each image the nodes that were not annotated, with all that lies below them;
            None if everything was.

    Raises:
        TaxonomyError: a set is empty, names what is no node of the tree, a node twice, or a node
            together with one above it; or a node is both present and unknown. The message begins
            with the position of the set.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> make_label_sets(tree, [[4, 3], [1]], [[], [2]]).tolist()  # a puggle; a cat, perhaps a dog
    [[3, 4], [1, -4]]
    """
    unknown = [()] * len(present) if unknown is None else unknown
    rows = []
    for number, (shown, open_) in enumerate(zip(present, unknown, strict=True)):
        if problem := _flaw(taxonomy, sorted(shown), sorted(open_)):
            raise TaxonomyError(f"label set {number}: {problem}")
        rows.append([*sorted(shown), *(-2 - node for node in sorted(set(open_)))])
    sets = np.full((len(rows), max(map(len, rows), default=1)), NONE, dtype=np.int64)
    for number, row in enumerate(rows):
        sets[number, : len(row)] = row
    return sets


def _flaw(taxonomy: Taxonomy, shown: Sequence[int], unknown: Sequence[int]) -> str | None:
    """What is wrong with one set, its nodes in ascending order."""
    if not shown:
        return "it is empty; name at least one label"
    for node in (*shown, *unknown):
        if not 0 <= node < len(taxonomy):
            return f"node {node} is not in the taxonomy; expected 0 to {len(taxonomy) - 1}"
    above = {step: node for node in shown for step in _above(taxonomy, int(node))}
    for place, node in enumerate(shown):
        name = taxonomy.paths[node] or "the root"
        if place and shown[place - 1] == node:
            return f"{name!r} stands in it twice; name it once"
        if node in above:
            return (
                f"{name!r} stands in it together with {taxonomy.paths[above[node]]!r}, below "
                "it; name the narrower one only"
            )
        if node in unknown:
            return f"{name!r} is present and unknown at once; choose one"
    return None


def _above(taxonomy: Taxonomy, node: int) -> list[int]:
    """The nodes above one."""
    return [0, *taxonomy.path_to(node)[:-1]] if node else []


def present_nodes(sets: LabelSets) -> list[list[int]]:
    """The nodes that each image shows."""
    return [[node for node in row if node >= 0] for row in sets.tolist()]


def common_ancestors(taxonomy: Taxonomy, sets: LabelSets) -> Nodes:
    """The deepest node at or above all that an image shows: what its labels have in common.

    Returns:
        Shape `(n,)`.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> [tree.paths[node] for node in common_ancestors(tree, np.array([[3, 4], [1, 3]]))]
    ['dog', '']
    """
    shared = sets[:, 0]
    for column in sets.T[1:]:
        shared = taxonomy.lowest_common_ancestor(shared, np.where(column >= 0, column, shared))
    return shared


def moved(sets: LabelSets, numbers: Nodes) -> tuple[LabelSets, NDArray[np.bool_]]:
    """The same sets in another tree, and which of them can be told there.

    Args:
        sets: in the old tree.
        numbers: the number in the other tree of each node of the old one; -1 for none.

    Returns:
        The sets, unknown nodes that the other tree lacks left out; and whether all nodes that are
        present have a number there, `(n,)`.
    """
    there = np.where(sets >= 0, numbers[np.maximum(sets, 0)], NONE)
    open_ = numbers[np.maximum(-2 - sets, 0)]
    values = _in_order(np.where((sets < NONE) & (open_ >= 0), -2 - open_, there))
    # Several nodes may have become one: it is named once, and present where any of them was.
    again = np.zeros(values.shape, dtype=np.bool_)
    again[:, 1:] = values[:, 1:] == values[:, :-1]
    seen = (values[:, :, None] == -2 - values[:, None, :]) & (values[:, :, None] < NONE)
    told: NDArray[np.bool_] = ~np.any((sets >= 0) & (there < 0), axis=1)
    return _in_order(np.where(again | seen.any(axis=2), NONE, values)), told


def _in_order(values: LabelSets) -> LabelSets:
    """Each row with what is present first, then what is unknown, then the padding."""
    beyond = np.abs(values).max(initial=0) + 2
    place = np.select([values >= 0, values < NONE], [values, beyond - values], 3 * beyond)
    return np.take_along_axis(values, np.argsort(place, axis=1), axis=1)


def leaf_marks(
    taxonomy: Taxonomy, sets: LabelSets | Nodes
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """What each label set says of each leaf.

    A beagle with unknown dogs is a present beagle, and unknown are the other dogs.

    Args:
        taxonomy: the tree.
        sets: label sets, shape `(n, K)`, or one target per image, `(n,)`.

    Returns:
        Whether it is present, and whether that is known: not so at or below a node that was not
        annotated, nor below an inner node that is present. Both `(n, num_leaves)`.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> present, known = leaf_marks(tree, np.array([[1, 2]]))  # a cat and some dog
    >>> present.tolist(), known.tolist()
    ([[True, False, False]], [[True, False, False]])
    """
    sets = sets if sets.ndim == 2 else sets[:, np.newaxis]
    shape = (len(sets), taxonomy.num_leaves)
    present, known = np.zeros(shape, dtype=np.bool_), np.ones(shape, dtype=np.bool_)
    below: dict[int, Nodes] = {}
    for number, row in enumerate(sets.tolist()):
        for value in row:
            node = value if value >= 0 else -2 - value
            if value == NONE:
                continue
            if value >= 0 and taxonomy.is_leaf[node]:
                present[number, taxonomy.leaf_index[node]] = True
                continue
            if node not in below:
                leaves = taxonomy.leaves
                below[node] = np.flatnonzero(taxonomy.is_at_or_below(leaves, np.array(node)))
            known[number, below[node]] = False
    return present, known | present
