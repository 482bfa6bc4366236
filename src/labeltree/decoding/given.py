"""What remains to be told once a broader label is known: node probabilities given an ancestor."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from labeltree.decoding.blocks import Work, in_blocks
from labeltree.decoding.checks import as_probabilities
from labeltree.errors import ConfigError, suggestion
from labeltree.taxonomy import Nodes, Probabilities, Taxonomy


def given(taxonomy: Taxonomy, probabilities: Probabilities, nodes: ArrayLike) -> Probabilities:
    """Condition node probabilities on one node per image: its label is at or below that node.

    The node and its ancestors become 1, everything beside them 0. Below it, level by level:

        G(n) = r · P(n) / Σ P over the branch's nodes at this depth,

    where r is 1 less what the branch's leaves at smaller depths have got. Where that sum is 0, the
    children share what their parent has got evenly.

    For coherent probabilities G(n) = P(n) / P(known), again coherent, and uniform over children
    from the known node down where P(known) is 0. Where every level has a softmax of its own
    (`merged`), each is cut down to the branch; the levels still do not agree with each other, but
    every cut sums to 1, so that all that follows (`adapt`, metrics) may follow.

    Args:
        taxonomy: the tree.
        probabilities: shape `(n, num_nodes)`, each cut summing to 1; float32 stays float32.
        nodes: what is known of each image, node numbers, shape `(n,)`. Of an image that is known
            to be at the root nothing is known: its row stays as it is.

    Returns:
        A new array, shape `(n, num_nodes)`. Time is linear in its size.

    Raises:
        ValueError: wrong shape, or no such node.

    Source: paper 000, section 2.2: classification within a category that is known.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> p = tree.roll_up(np.array([[0.2, 0.6, 0.2], [1.0, 0.0, 0.0]]))
    >>> given(tree, p, [tree.find("dog"), tree.find("dog")]).round(9).tolist()
    [[1.0, 0.0, 1.0, 0.75, 0.25], [1.0, 0.0, 1.0, 0.5, 0.5]]
    """
    values = as_probabilities(taxonomy, probabilities)
    known = _checked(taxonomy, nodes, len(values))
    conditioned = np.empty_like(values)

    def begin(_: int) -> Work:
        def work(rows: slice) -> None:
            _condition(taxonomy, values[rows], known[rows], conditioned[rows])

        return work

    in_blocks(begin, len(values), values.itemsize * taxonomy.num_nodes)
    return conditioned


def _condition(
    taxonomy: Taxonomy, values: Probabilities, known: Nodes, conditioned: Probabilities
) -> None:
    """Write `given` of `values` to `conditioned`, both `(b, num_nodes)`."""
    below = np.zeros(values.shape, dtype=bool)  # strictly
    conditioned[:, 0] = 1
    for depth in range(1, taxonomy.depth + 1):
        level = taxonomy.level(depth)
        numbers, parents = np.arange(level.start, level.stop), taxonomy.parents[level]
        below[:, level] = below[:, parents] | (parents == known[:, None])
        # What the parents in the branch got; what the leaves beside them got is theirs for good.
        shared = conditioned[:, parents] / taxonomy.num_children[parents]
        inside = np.where(below[:, level], values[:, level], 0)
        total = inside.sum(axis=1, keepdims=True)
        rest = np.where(below[:, level], shared, 0).sum(axis=1, keepdims=True)
        shares = inside / np.where(total > 0, total, 1)
        above = taxonomy.ancestor_at(known, depth)[:, None] == numbers
        conditioned[:, level] = np.where(
            below[:, level], np.where(total > 0, shares * rest, shared), above
        )
    nothing_known = known == 0
    conditioned[nothing_known] = values[nothing_known]


def depth_to_tell(taxonomy: Taxonomy, level: str) -> int:
    """The depth of a level that can be told, from its name or its number.

    Args:
        taxonomy: the tree.
        level: a name of `taxonomy.level_names`, or the depth in digits, from 1 on.

    Raises:
        ConfigError: there is no such level, or it is the deepest and would tell every answer.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"], ["kind", "breed"])
    >>> depth_to_tell(tree, "kind"), depth_to_tell(tree, "1")
    (1, 1)
    """
    names = taxonomy.level_names
    if level in names:
        depth = names.index(level) + 1
    elif level.isdecimal() and 1 <= int(level) <= taxonomy.depth:
        depth = int(level)
    else:
        raise ConfigError(
            f"the model's tree has no level {level!r}: {suggestion(level, names)} "
            f"(or a depth from 1 to {taxonomy.depth})"
        )
    if depth == taxonomy.depth:
        remedy = f"give one above it: {', '.join(names[:-1])}" if depth > 1 else "leave it out"
        raise ConfigError(f"given {names[-1]!r}, the deepest level, nothing is left: {remedy}")
    return depth


def _checked(taxonomy: Taxonomy, nodes: ArrayLike, count: int) -> Nodes:
    known = np.asarray(nodes)
    if known.shape != (count,) or not (np.issubdtype(known.dtype, np.integer) or not count):
        raise ValueError(
            f"known nodes have shape {known.shape} and type {known.dtype}; "
            f"expected one node number for each of {count} images"
        )
    if count and not 0 <= known.min() <= known.max() < taxonomy.num_nodes:
        raise ValueError(
            f"known nodes run from {known.min()} to {known.max()}; "
            f"expected numbers from 0 to {taxonomy.num_nodes - 1}"
        )
    return known.astype(np.int64)
