"""Adaptation: make the probabilities of separately predicted levels agree (Algorithm 1 of 002)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from labeltree.decoding.blocks import Work, in_blocks, part
from labeltree.decoding.checks import as_probabilities, check_alpha
from labeltree.decoding.families import Families, families
from labeltree.taxonomy import Probabilities, Taxonomy


def adapt(taxonomy: Taxonomy, probabilities: Probabilities, alpha: float = 1.0) -> Probabilities:
    """Move every level's probabilities a share `alpha` of the way to agreement.

    With D the depth of the tree and P(n) the estimate of a node n at depth d:

    1. Bottom-up, the mean of what all levels from d on say of n: M(n) = P(n) for a leaf, else
       M(n) = (P(n) + (D − d) · Σ_children M) / (D − d + 1). It is the orthogonal projection of
       the levels' own roll-ups at n on the diagonal where they are equal.
    2. Top-down, the target: T(root) = 1, T(n) = T(parent) · M(n) / Σ_siblings M.
    3. A(n) = (1 − α) P(n) + α T(n).

    On two levels this is Algorithm 1 of the paper: there M(coarse) = (P + Q) / 2. α = 1 gives
    coherent probabilities; coherent probabilities stay as they are for any α. Time and memory are
    linear in the number of nodes.

    Zero branch: where all children of a parent have M = 0, A(child) = A(parent) / number of
    children, as printed. The paper leaves two things unsaid: such children change even at α = 0,
    and for α ≠ 1 their level sums to 1 + (1 − α) · Σ P(such parents), because these parents hand
    down a (1 − α) P that the other nodes of that level already share among themselves. (The sums
    over its nodes are kept wherever no probability is exactly 0.)
    With three or more levels and α > 1 a value could fall below 0; it is cut at 0.

    Args:
        taxonomy: the tree.
        probabilities: shape `(n, num_nodes)`, each cut summing to 1; float32 stays float32.
        alpha: 0 to 2.

    Returns:
        A new array, shape `(n, num_nodes)`.

    Raises:
        ConfigError: `alpha` outside 0 … 2.
        ValueError: wrong shape.

    Source: 002 (DOI 10.1145/3095713.3095745), section 3.2, Algorithm 1.

    >>> tree = Taxonomy.from_paths(["cat/manx", "cat/persian", "dog/beagle", "dog/pug"])
    >>> levelwise = np.array([[1, 0.6, 0.4, 0.2, 0.2, 0.5, 0.1]])  # coarse: a cat; fine: a beagle
    >>> np.round(adapt(tree, levelwise), 3).tolist()
    [[1.0, 0.5, 0.5, 0.25, 0.25, 0.417, 0.083]]
    """
    check_alpha(alpha)
    given = as_probabilities(taxonomy, probabilities)
    levels = families(taxonomy)
    adapted = np.empty(given.shape, given.dtype)

    def begin(most_rows: int) -> Work:
        memory = np.empty((2, taxonomy.num_nodes * most_rows), given.dtype)

        def work(rows: slice) -> None:
            block, spare = node_major(given[rows], memory)
            zeros = to_targets(levels, block, spare)
            if alpha != 1:
                blend(levels, given[rows].T, block, zeros, alpha)
            adapted[rows] = block.T

        return work

    in_blocks(begin, len(given), given.itemsize * taxonomy.num_nodes)
    return adapted


def node_major(rows: Probabilities, memory: Probabilities) -> tuple[Probabilities, Probabilities]:
    """A copy with one node per row (see `Families`) and a spare array of the same shape.

    Args:
        rows: shape `(b, num_nodes)`.
        memory: shape `(2, at least num_nodes · b)`; written over.
    """
    block, spare = (part(half, *rows.T.shape) for half in memory)
    np.copyto(block, rows.T)
    return block, spare


Zeros = list[NDArray[np.bool_] | None]
"""For each level, shape `(parents, b)`: where all children have M = 0; None if nowhere."""


def to_targets(levels: list[Families], block: Probabilities, spare: Probabilities) -> Zeros:
    """Steps 1 and 2 of `adapt`: turn P into T in place; both arrays `(num_nodes, b)`."""
    totals = []
    for level in reversed(levels):
        total = level.sums(block[level.children])
        mean = (block[level.parents] + level.levels_below * total) / (level.levels_below + 1)
        block[level.parents] = mean
        totals.append(total)
    block[0] = 1
    steps = zip(levels, reversed(totals), strict=True)
    return [_hand_down(level, total, block, spare) for level, total in steps]


def _hand_down(
    level: Families, total: Probabilities, block: Probabilities, spare: Probabilities
) -> NDArray[np.bool_] | None:
    """M to T for the children, whose M sum to `total`; returns where that is 0."""
    children, factor = block[level.children], spare[level.children]
    weak = total < np.finfo(total.dtype).tiny  # 0, or so small that T / total would overflow
    if not weak.any():
        children *= level.handed_down(block[level.parents] / total, out=factor)
        return None
    columns = np.flatnonzero(weak.any(axis=0))
    exact = _exact_targets(level, block[:, columns].astype(np.float64))
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        children *= level.handed_down(block[level.parents] / total, out=factor)
    children[:, columns] = exact
    zero = total == 0
    return zero if zero.any() else None


def _exact_targets(level: Families, block: NDArray[np.float64]) -> NDArray[np.float64]:
    """T of the children in the rare columns with a total of nearly nothing: share first."""
    means = block[level.children]
    total = level.sums(means)
    zero = level.handed_down(total == 0)
    shares = means / level.handed_down(np.where(total == 0, 1, total))
    shares = np.where(zero, level.handed_down(1 / level.num_children), shares)
    return shares * level.handed_down(block[level.parents])


def blend(
    levels: list[Families],
    given: Probabilities,
    block: Probabilities,
    zeros: Zeros,
    alpha: float,
) -> None:
    """Step 3 of `adapt`, zero branch included: turn T into A in place; all `(num_nodes, b)`."""
    block *= alpha
    block += (1 - alpha) * given
    if alpha > 1:
        np.maximum(block, 0, out=block)
    for level, zero in zip(levels, zeros, strict=True):
        if zero is not None:
            handed = level.handed_down(block[level.parents] / level.num_children)
            np.copyto(block[level.children], handed, where=level.handed_down(zero))
