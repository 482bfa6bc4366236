"""What follows from leaves up the tree: sums and maxima over every branch, heights; linear time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from labeltree.taxonomy.arrays import Nodes

if TYPE_CHECKING:
    from labeltree.taxonomy.tree import Taxonomy

Values = NDArray[np.floating]

# `reduceat` pays some 10 ns for every group of siblings and row: too much for 10,000 groups, where
# a sparse product over blocks of rows that fit the cache is 4 times faster (100,000 leaves,
# 7 levels, batch 256: 49 ms against 220 ms on one core of a 2.5 GHz Xeon).
MANY_GROUPS = 256
BLOCK_ROWS = 8


def roll_up(tree: Taxonomy, leaf_values: Values) -> Values:
    """Sum leaf values up to every node: `(B, num_leaves)` to `(B, num_nodes)`, dtype kept."""
    leaf_values = _checked(tree, leaf_values)
    most_groups = max(len(tree.inner(depth)) for depth in range(tree.depth))
    if len(leaf_values) >= BLOCK_ROWS and most_groups >= MANY_GROUPS:
        return _roll_up_in_blocks(tree, leaf_values)
    return _reduce(tree, leaf_values, lambda x, at, _: np.add.reduceat(x, at, axis=1))


def log_roll_up(tree: Taxonomy, leaf_log_values: Values) -> Values:
    """`log(roll_up(exp(x)))` without leaving log space; `-inf` is log 0. Shapes as `roll_up`."""

    def log_sum_exp(x: Values, at: NDArray, counts: NDArray) -> Values:
        top = np.maximum.reduceat(x, at, axis=1)
        top = np.where(np.isfinite(top), top, 0)
        shifted = np.exp(x - np.repeat(top, counts, axis=1))
        with np.errstate(divide="ignore"):
            return np.log(np.add.reduceat(shifted, at, axis=1)) + top

    return _reduce(tree, _checked(tree, leaf_log_values), log_sum_exp)


def roll_up_max(tree: Taxonomy, leaf_values: Values) -> Values:
    """The largest leaf value at or below every node; shapes and dtype as `roll_up`.

    Where labels do not exclude each other, a parent is then as sure as its surest child, which is
    what no coherent score can be below.

    Source: Giunchiglia, Lukasiewicz 2020, "Coherent Hierarchical Multi-Label Classification
    Networks" (NeurIPS), the max constraint module without its loss.

    >>> from labeltree.taxonomy import Taxonomy
    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> roll_up_max(tree, np.array([[0.1, 0.9, 0.8]])).tolist()
    [[0.9, 0.1, 0.9, 0.9, 0.8]]
    """
    leaf_values = _checked(tree, leaf_values)
    return _reduce(tree, leaf_values, lambda x, at, _: np.maximum.reduceat(x, at, axis=1))


def heights(tree: Taxonomy) -> Nodes:
    """Edges from each node down to its deepest leaf; see `Taxonomy.heights`."""
    height = np.zeros(tree.num_nodes, dtype=np.int64)
    for depth in range(tree.depth, 0, -1):
        level = tree.level(depth)
        np.maximum.at(height, tree.parents[level], height[level] + 1)
    return height


def sums_over_children(tree: Taxonomy, depth: int) -> Callable[[Values], Values]:
    """The function that adds up siblings, for values that stand one node per **row**.

    Returns:
        A function from `(nodes at depth + 1, b)` to `(len(tree.inner(depth)), b)`.

    >>> from labeltree.taxonomy import Taxonomy
    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> sums_over_children(tree, 1)(np.array([[0.3], [0.2]])).tolist()
    [[0.5]]
    """
    offsets = tree.child_offsets(depth)
    if len(offsets) < MANY_GROUPS:
        return lambda below: np.add.reduceat(below, offsets, axis=0)
    try:
        from scipy.sparse import csr_array  # 0.2 s, paid by large trees only
    except ModuleNotFoundError:  # where models are only used: slower, and the same sums
        return lambda below: np.add.reduceat(below, offsets, axis=0)
    level = tree.level(depth + 1)
    width = level.stop - level.start
    ends = np.append(offsets, width).astype(np.int32)
    columns = np.arange(width, dtype=np.int32)
    matrices = {
        dtype: csr_array((np.ones(width, dtype), columns, ends), shape=(len(offsets), width))
        for dtype in ("float32", "float64")
    }
    return lambda below: matrices["float64" if below.dtype == np.float64 else "float32"] @ below


def _roll_up_in_blocks(tree: Taxonomy, leaf_values: Values) -> Values:
    """Node-major blocks: siblings are neighbouring cache lines, and a block stays in the cache."""
    depths = range(tree.depth - 1, -1, -1)
    steps = [
        (_slice(tree.inner(depth)), tree.level(depth + 1), sums_over_children(tree, depth))
        for depth in depths
    ]
    leaves = _slice(tree.leaves)
    nodes = np.empty((len(leaf_values), tree.num_nodes), dtype=leaf_values.dtype)
    exact = np.float64 if leaf_values.dtype == np.float64 else np.float32
    block = np.empty((tree.num_nodes, BLOCK_ROWS), dtype=exact)
    for start in range(0, len(leaf_values), BLOCK_ROWS):
        rows = leaf_values[start : start + BLOCK_ROWS]
        part = block[:, : len(rows)] if len(rows) < BLOCK_ROWS else block
        part[leaves] = rows.T
        for inner, below, sums in steps:
            part[inner] = sums(part[below])
        nodes[start : start + BLOCK_ROWS] = part.T
    return nodes


def _slice(nodes: NDArray) -> NDArray | slice:
    """The same nodes, as a slice where they are neighbours: copying is several times faster."""
    first, last = int(nodes[0]), int(nodes[-1])
    return slice(first, last + 1) if last - first + 1 == len(nodes) else nodes


def _reduce(
    tree: Taxonomy,
    leaf_values: Values,
    over_siblings: Callable[[Values, NDArray, NDArray], Values],
) -> Values:
    nodes = np.empty((len(leaf_values), tree.num_nodes), dtype=leaf_values.dtype)
    nodes[:, tree.leaves] = leaf_values
    for depth in range(tree.depth - 1, -1, -1):
        inner = tree.inner(depth)
        below = nodes[:, tree.level(depth + 1)]
        nodes[:, inner] = over_siblings(below, tree.child_offsets(depth), tree.num_children[inner])
    return nodes


def _checked(tree: Taxonomy, leaf_values: Values) -> Values:
    leaf_values = np.asarray(leaf_values)
    if leaf_values.ndim != 2 or leaf_values.shape[1] != tree.num_leaves:
        raise ValueError(
            f"leaf values have shape {leaf_values.shape}; expected (B, {tree.num_leaves})"
        )
    return leaf_values
