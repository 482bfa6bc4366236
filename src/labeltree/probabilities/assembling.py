"""From the columns of a file to one probability for every node of a tree."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from labeltree.errors import DataError
from labeltree.probabilities.checks import check_sums, check_values
from labeltree.probabilities.columns import (
    Labels,
    nodes_of_columns,
    nodes_of_targets,
    taxonomy_of_columns,
)
from labeltree.probabilities.node_probabilities import NodeProbabilities
from labeltree.probabilities.table import Table
from labeltree.taxonomy import Taxonomy

_MOST_NAMED = 3  # labels in a message


def assemble(table: Table, taxonomy: Taxonomy | None, exclusive: bool) -> NodeProbabilities:
    """Every node's probabilities from the columns that a file has.

    All leaves must be there; the inner nodes of a level all or not at all. A level that is not
    there is rolled up from the one below: sums, or if labels are not exclusive the largest child,
    which is the least that a parent can have.

    Args:
        table: what the file says.
        taxonomy: the tree; None takes the file's own, or the one its columns make up.
        exclusive: whether the labels of a level exclude each other, so that they sum to 1.

    Raises:
        DataError: names or values that do not fit.
    """
    tree = taxonomy or table.taxonomy or taxonomy_of_columns(table)
    labels = Labels(tree)
    nodes = nodes_of_columns(table, labels)
    targets = nodes_of_targets(table, labels)
    check_values(table.path, table.columns, table.values)
    given = np.zeros(tree.num_nodes, dtype=bool)
    given[nodes] = True
    depths = _given_levels(table, tree, given)
    whole = np.ones((len(table.values), tree.num_nodes), dtype=np.float32)
    whole[:, nodes] = np.minimum(table.values, 1)
    for depth in range(tree.depth - 1, 0, -1):
        if depth not in depths and len(tree.inner(depth)):
            _roll_up(tree, whole, depth, np.add if exclusive else np.maximum)
    if exclusive:
        check_sums(table.path, tree, whole, depths)
    return NodeProbabilities(tree, whole, targets, table.names)


def _given_levels(table: Table, tree: Taxonomy, given: NDArray[np.bool_]) -> list[int]:
    """The depths whose labels are all in the file."""
    missing = tree.leaves[~given[tree.leaves]]
    if len(missing):
        raise DataError(
            f"{table.path}: no column for {_some(tree, missing)} of {tree.num_leaves:,} leaves; "
            "expected all leaves, named by their paths or, if unique, their bare names"
        )
    depths = []
    for depth in range(1, tree.depth + 1):
        inner = tree.inner(depth)
        missing = inner[~given[inner]]
        if not len(missing):
            depths.append(depth)
        elif len(missing) < len(inner):
            raise DataError(
                f"{table.path}: level {tree.level_names[depth - 1]!r} is there in part: no column "
                f"for {_some(tree, missing)}; expected all its {len(inner):,} inner labels or none"
            )
    return depths


def _roll_up(tree: Taxonomy, whole: NDArray[np.float32], depth: int, how: np.ufunc) -> None:
    """Fill in the inner nodes at `depth` from their children."""
    below = whole[:, tree.level(depth + 1)]
    whole[:, tree.inner(depth)] = how.reduceat(below, tree.child_offsets(depth), axis=1)


def _some(tree: Taxonomy, nodes: NDArray[np.int64]) -> str:
    shown = ", ".join(repr(tree.paths[node]) for node in nodes[:_MOST_NAMED])
    more = len(nodes) - _MOST_NAMED
    return f"{shown} and {more:,} more" if more > 0 else shown
