"""Parents with their children, level by level: the steps of every pass up or down a tree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labeltree.taxonomy import Nodes, Taxonomy
from labeltree.taxonomy.roll_up import sums_over_children


@dataclass(frozen=True)
class Families:
    """The inner nodes of one level with their children, which are the whole level below.

    For values that stand one node per row and one image per column: a parent's children are then
    neighbouring rows, and what belongs to one node is copied as one piece.

    Attributes:
        levels_below: how many levels there are below the parents.
        parents: node numbers; a slice where the level has no leaf, since views cost nothing.
        children: node numbers.
        num_children: of each parent, shape `(parents, 1)`.
        sums: sums over the children of each parent, `(children, b)` to `(parents, b)`.
    """

    levels_below: int
    parents: slice | Nodes
    children: slice
    num_children: Nodes
    sums: Callable[[NDArray], NDArray]
    _parent_of: Nodes

    def handed_down(self, values: NDArray, out: NDArray | None = None) -> NDArray:
        """For each child its parent's value, `(parents, b)` to `(children, b)`."""
        return values.take(self._parent_of, axis=0, out=out, mode="clip")


def families(taxonomy: Taxonomy) -> list[Families]:
    """The families of every level, from the root's children down.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> [step.handed_down(step.sums(np.ones((2, 1)))).tolist() for step in families(tree)]
    [[[2.0], [2.0]], [[2.0], [2.0]]]
    """
    steps = []
    for depth in range(taxonomy.depth):
        level, inner = taxonomy.level(depth), taxonomy.inner(depth)
        counts = taxonomy.num_children[inner]
        steps.append(
            Families(
                levels_below=taxonomy.depth - depth,
                parents=level if len(inner) == level.stop - level.start else inner,
                children=taxonomy.level(depth + 1),
                num_children=counts[:, None],
                sums=sums_over_children(taxonomy, depth),
                _parent_of=np.repeat(np.arange(len(inner)), counts),
            )
        )
    return steps
