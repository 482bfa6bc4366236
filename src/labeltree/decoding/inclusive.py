"""Adaptation where labels do not exclude each other: a parent at least as probable as each child.

Paper 002, conclusion: "we would have to deal with inequalities rather than equalities related to
the probability values and … adjustments would have to be done only when inequalities are not
satisfied. In such cases, adjustments could be done with the same method."
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from labeltree.decoding.checks import as_probabilities, check_alpha
from labeltree.taxonomy import Nodes, Probabilities, Taxonomy


def adapt_inclusive(
    taxonomy: Taxonomy, probabilities: Probabilities, alpha: float = 1.0
) -> Probabilities:
    """Move probabilities a share `alpha` of the way to P(parent) ≥ P(child) for every child.

    The same method as Algorithm 1, orthogonal projection, here on all values that satisfy the
    inequalities: the nearest ones in the Euclidean sense (isotonic regression on a rooted tree).
    A parent that is less probable than one child meets it at their mean, as on the diagonal of the
    paper's figure 1; images without a violation stay as they are to the last bit.

    It is found from the bottom up: once the branches of a node with value r are in order, they stay
    so where they are cut at a height t, and the node itself gets t. Setting the derivative of the
    squared distance to 0 gives t = r + Σ_{x in the branches} max(x − t, 0), solved by sorting.
    No level comes before another: the projection is unique. Time is linear in nodes × depth for
    images with violations (and the logarithm of a sort), linear in nodes for the others.

    Args:
        taxonomy: the tree.
        probabilities: one per node and image in [0, 1], such as sigmoids, shape `(n, num_nodes)`.
            The root's column takes no part: every image is at least "something", so it becomes 1.
        alpha: 0 to 2. 1 satisfies all inequalities; other values interpolate, or go beyond, and
            are cut at 0 and 1.

    Returns:
        A new array, shape `(n, num_nodes)`.

    Raises:
        ConfigError: `alpha` outside 0 … 2.
        ValueError: the shape does not fit.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> p = np.array([[1, 0.9, 0.25, 0.75, 0.1], [1, 0.9, 0.8, 0.75, 0.7]])
    >>> adapt_inclusive(tree, p).tolist()
    [[1.0, 0.9, 0.5, 0.5, 0.1], [1.0, 0.9, 0.8, 0.75, 0.7]]
    """
    check_alpha(alpha)
    adapted = as_probabilities(taxonomy, probabilities).copy()
    adapted[:, 0] = 1
    rows = np.flatnonzero(violations(taxonomy, adapted) > 0)
    if not len(rows):
        return adapted
    # One node per row: what a branch is cut at is then copied as one piece.
    given = np.ascontiguousarray(adapted[rows].T)
    projected = given.copy()
    for depth in range(taxonomy.depth - 1, 0, -1):
        inner = taxonomy.inner(depth)
        if not len(inner):
            continue
        below = projected[taxonomy.level(depth + 1)]
        largest = np.maximum.reduceat(below, taxonomy.child_offsets(depth), axis=0)
        broken = largest > projected[inner]
        for place in np.flatnonzero(broken.any(axis=1)):
            _put_in_order(taxonomy, projected, int(inner[place]), np.flatnonzero(broken[place]))
    if alpha != 1:
        projected = np.clip((1 - alpha) * given + alpha * projected, 0, 1)
    adapted[rows] = projected.T
    return adapted


def violations(taxonomy: Taxonomy, probabilities: Probabilities) -> NDArray[np.floating]:
    """By how much the worst child of each image is more probable than its parent; 0 if none is.

    Args:
        taxonomy: the tree.
        probabilities: shape `(n, num_nodes)`; the root's column is not looked at.

    Returns:
        Shape `(n,)`.
    """
    worst = np.zeros(len(probabilities), dtype=probabilities.dtype)
    for depth in range(1, taxonomy.depth):
        inner = taxonomy.inner(depth)
        below = probabilities[:, taxonomy.level(depth + 1)]
        largest = np.maximum.reduceat(below, taxonomy.child_offsets(depth), axis=1)
        np.maximum(worst, (largest - probabilities[:, inner]).max(axis=1), out=worst)
    return worst


def _put_in_order(taxonomy: Taxonomy, values: Probabilities, node: int, images: Nodes) -> None:
    """Project the branch of `node` for images in which all below it is in order already.

    Args:
        taxonomy: the tree.
        values: changed in place, one node per row, `(num_nodes, b)`.
        node: less probable than one of its children in all of `images`.
        images: column numbers.
    """
    below = _levels_below(taxonomy, node)
    branch = np.concatenate([values[level][:, images] for level in below])
    falling = -np.sort(-branch, axis=0)
    sums = values[node, images] + falling.cumsum(axis=0, dtype=np.float64)
    means = sums / np.arange(2, len(falling) + 2)[:, None]
    # The k largest meet the node at their common mean once the next one is no larger than that.
    enough = np.vstack([means[:-1] >= falling[1:], np.ones((1, len(images)), dtype=bool)])
    height = np.take_along_axis(means, enough.argmax(axis=0)[None], axis=0)[0].astype(values.dtype)
    values[node, images] = height
    for level in below:
        values[level, images] = np.minimum(values[level][:, images], height)


def _levels_below(taxonomy: Taxonomy, node: int) -> list[slice]:
    """The descendants of a node: one slice of node numbers per level, since they are neighbours."""
    levels, level = [], taxonomy.children(node)
    while level.start < level.stop:
        levels.append(level)
        last = level.stop - 1
        level = slice(
            int(taxonomy.first_child[level.start]),
            int(taxonomy.first_child[last] + taxonomy.num_children[last]),
        )
    return levels
