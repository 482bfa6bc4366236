"""The label tree as integer arrays, numbered breadth-first so that every level is a slice.

Everything here costs time and memory proportional to the number of nodes (times the batch): there
is no leaf × node matrix, so a tree of 100,000 leaves is as usable as one of ten.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from labeltree.errors import TaxonomyError
from labeltree.taxonomy import roll_up
from labeltree.taxonomy.arrays import Nodes
from labeltree.taxonomy.names import SEPARATOR, flaw
from labeltree.taxonomy.nearest import nearest_path
from labeltree.taxonomy.order import breadth_first, renumber


class Taxonomy:
    """An immutable label tree of any, also unequal, depth.

    Node 0 is the root (path `""`, depth 0). Nodes are numbered breadth-first, children of one
    parent stand side by side in the order given, and the children of all nodes of one level make
    up the next level. A node is known by its path (`animal/dog/beagle`), since bare names repeat.
    Names are kept in Unicode's composed form (NFC), so that "é" is one label however it was typed.

    Attributes:
        num_nodes, num_leaves, depth: counts; the root alone would have depth 0.
        names, paths: of each node, the root's both `""`.
        parents, depths, num_children, first_child, is_leaf: arrays of shape `(num_nodes,)`.
        leaves: node numbers in ascending order, shape `(num_leaves,)`.
        level_names: a word for each depth from 1 on.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> tree.paths
    ('', 'cat', 'dog', 'dog/beagle', 'dog/pug')
    >>> tree.leaves.tolist(), tree.depth
    ([1, 3, 4], 2)
    >>> tree.roll_up(np.array([[0.5, 0.3, 0.2]])).tolist()
    [[1.0, 0.5, 0.5, 0.3, 0.2]]
    """

    def __init__(
        self,
        names: Sequence[str],
        parents: Sequence[int] | Nodes,
        level_names: Sequence[str] | None = None,
    ) -> None:
        """Take nodes that are already in breadth-first order.

        Args:
            names: bare name of each node; `names[0]` belongs to the root and is ignored.
            parents: parent number of each node; -1 for the root.
            level_names: a word for each depth from 1 on (`["genus", "species"]`); made up if None.

        Raises:
            TaxonomyError: order is not breadth-first, siblings repeat, a name is empty or holds
                the separator, or there is no node but the root.
        """
        self.parents: Nodes = np.asarray(parents, dtype=np.int64)
        self.names: tuple[str, ...] = ("", *(unicodedata.normalize("NFC", n) for n in names[1:]))
        _check(self.names, self.parents)
        self.num_nodes = len(self.names)

        # Parents precede their children, so one pass settles depths and paths.
        depths = np.zeros(self.num_nodes, dtype=np.int64)
        paths = [""] * self.num_nodes
        for node in range(1, self.num_nodes):
            parent = int(self.parents[node])
            depths[node] = depths[parent] + 1
            name = self.names[node]
            paths[node] = name if parent == 0 else f"{paths[parent]}{SEPARATOR}{name}"
        self.depths: Nodes = depths
        self.paths: tuple[str, ...] = tuple(paths)
        self.depth = int(depths[-1])
        if level_names is not None and len(level_names) != self.depth:
            raise TaxonomyError(
                f"{len(level_names)} level names for a tree of depth {self.depth}: "
                "give one for each depth from 1 on"
            )
        self.level_names: tuple[str, ...] = tuple(
            level_names or (f"level {d}" for d in range(1, self.depth + 1))
        )

        self.num_children: Nodes = np.bincount(self.parents[1:], minlength=self.num_nodes)
        self.first_child: Nodes = 1 + np.cumsum(self.num_children) - self.num_children
        self.is_leaf: NDArray[np.bool_] = self.num_children == 0
        self.leaves: Nodes = np.flatnonzero(self.is_leaf)
        self.num_leaves = len(self.leaves)
        self._level_starts: Nodes = np.searchsorted(depths, np.arange(self.depth + 2))

    @classmethod
    def from_paths(
        cls, paths: Iterable[str | Sequence[str]], level_names: Sequence[str] | None = None
    ) -> Taxonomy:
        """Build from node paths; inner nodes appear by themselves, siblings in order of mention.

        Args:
            paths: `"dog/beagle"` or `("dog", "beagle")`; repetitions are harmless.
            level_names: see `Taxonomy`.

        Raises:
            TaxonomyError: no path at all, or a path with an empty part.
        """
        numbers: dict[tuple[int, str], int] = {}
        names, parents = [""], [-1]
        for path in paths:
            if isinstance(path, str):
                path = path.split(SEPARATOR)
            node = 0
            for name in path:
                name = unicodedata.normalize("NFC", name)
                child = numbers.setdefault((node, name), len(names))
                if child == len(names):
                    names.append(name)
                    parents.append(node)
                node = child
        above = np.array(parents, dtype=np.int64)
        order = breadth_first(above)
        return cls([names[node] for node in order.tolist()], renumber(above, order), level_names)

    def __len__(self) -> int:
        return self.num_nodes

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Taxonomy)
            and self.paths == other.paths
            and self.level_names == other.level_names
        )

    def __hash__(self) -> int:
        return hash(self.paths)

    def __repr__(self) -> str:
        return (
            f"Taxonomy({self.num_nodes} nodes, {self.num_leaves} leaves, {self.depth} "
            f"{'level' if self.depth == 1 else 'levels'})"
        )

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {path: node for node, path in enumerate(self.paths)}

    def find(self, path: str) -> int:
        """Number of the node with this path.

        Raises:
            TaxonomyError: no such node; the message names the nearest path.
        """
        node = self._numbers.get(path)
        if node is None:
            path = unicodedata.normalize("NFC", path)
            node = self._numbers.get(path)
        if node is None:
            near = nearest_path(self, path)
            hint = f"; did you mean {near!r}?" if near else ""
            raise TaxonomyError(f"label {path!r} is not in the taxonomy{hint}")
        return node

    def __contains__(self, path: object) -> bool:
        return isinstance(path, str) and unicodedata.normalize("NFC", path) in self._numbers

    def level(self, depth: int) -> slice:
        """All nodes at `depth`, as a slice of node numbers."""
        return slice(int(self._level_starts[depth]), int(self._level_starts[depth + 1]))

    def cut(self, depth: int) -> Nodes:
        """Nodes at `depth` and the leaves above it: mutually exclusive and exhaustive labels.

        Returns:
            Node numbers in ascending order, shape `(cut size,)`.
        """
        level = self.level(depth)
        return np.concatenate([self.leaves_above(depth), np.arange(level.start, level.stop)])

    def leaves_above(self, depth: int) -> Nodes:
        """Leaves that are less deep: what the cut at `depth` holds beside its level."""
        return self.leaves[self.leaves < self._level_starts[depth]]

    def children(self, node: int) -> slice:
        """The children of `node`, as a slice of node numbers (empty for a leaf)."""
        first = int(self.first_child[node])
        return slice(first, first + int(self.num_children[node]))

    def path_to(self, node: int) -> list[int]:
        """Nodes from depth 1 down to `node` (empty for the root)."""
        steps: list[int] = []
        while node > 0:
            steps.append(int(node))
            node = int(self.parents[node])
        return steps[::-1]

    @cached_property
    def leaf_counts(self) -> Nodes:
        """Number of leaves at or below each node, shape `(num_nodes,)`."""
        ones = np.ones((1, self.num_leaves))
        return self.roll_up(ones)[0].astype(np.int64)

    @cached_property
    def heights(self) -> Nodes:
        """Edges from each node down to its deepest leaf, shape `(num_nodes,)`; 0 for leaves.

        >>> Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"]).heights.tolist()
        [2, 0, 1, 0, 0]
        """
        return roll_up.heights(self)

    @cached_property
    def leaf_index(self) -> Nodes:
        """Position of each node among the leaves, -1 for inner nodes; shape `(num_nodes,)`."""
        index = np.full(self.num_nodes, -1, dtype=np.int64)
        index[self.leaves] = np.arange(self.num_leaves)
        return index

    def ancestor_at(self, nodes: Nodes, depth: int | Nodes) -> Nodes:
        """Ancestor of each node at `depth`; the node itself where it is not deeper than that."""
        nodes = np.array(nodes, dtype=np.int64)
        while (deeper := self.depths[nodes] > depth).any():
            nodes = np.where(deeper, self.parents[nodes], nodes)
        return nodes

    def lowest_common_ancestor(self, a: Nodes, b: Nodes) -> Nodes:
        """Deepest node that is at or above both, elementwise (arrays broadcast)."""
        a, b = np.broadcast_arrays(np.asarray(a), np.asarray(b))
        depth = np.minimum(self.depths[a], self.depths[b])
        a, b = self.ancestor_at(a, depth), self.ancestor_at(b, depth)
        while (apart := a != b).any():
            a = np.where(apart, self.parents[a], a)
            b = np.where(apart, self.parents[b], b)
        return a

    def distance(self, a: Nodes, b: Nodes) -> Nodes:
        """Number of edges between two nodes, elementwise (arrays broadcast)."""
        meet = self.lowest_common_ancestor(a, b)
        return self.depths[a] + self.depths[b] - 2 * self.depths[meet]

    def is_at_or_below(self, nodes: Nodes, ancestors: Nodes) -> NDArray[np.bool_]:
        """Whether each node equals or descends from the other, elementwise (arrays broadcast)."""
        nodes, ancestors = np.broadcast_arrays(np.asarray(nodes), np.asarray(ancestors))
        lifted: NDArray[np.bool_] = self.ancestor_at(nodes, self.depths[ancestors]) == ancestors
        return lifted

    def reaches_cut(self, nodes: Nodes, depth: int) -> NDArray[np.bool_]:
        """Which nodes are in the cut at `depth` or below it; of a target: can that cut judge it?

        >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
        >>> tree.reaches_cut(np.array([1, 2, 3]), depth=2).tolist()  # "a dog" tells no breed
        [True, False, True]
        """
        return (self.depths[nodes] >= depth) | self.is_leaf[nodes]

    def inner(self, depth: int) -> Nodes:
        """Nodes at `depth` that have children; their children are exactly `level(depth + 1)`."""
        level = self.level(depth)
        return level.start + np.flatnonzero(self.num_children[level])

    def child_offsets(self, depth: int) -> Nodes:
        """Where the children of each of `inner(depth)` begin within `level(depth + 1)`."""
        return self.first_child[self.inner(depth)] - self.level(depth + 1).start

    def roll_up(self, leaf_values: NDArray[np.floating]) -> NDArray[np.floating]:
        """Sum leaf values (probabilities, usually) up to every node.

        From shape `(B, num_leaves)`, in the order of `leaves`, to `(B, num_nodes)`; dtype kept.
        """
        return roll_up.roll_up(self, leaf_values)

    def roll_up_max(self, leaf_values: NDArray[np.floating]) -> NDArray[np.floating]:
        """The largest leaf value (presence, usually) at or below every node; same shapes."""
        return roll_up.roll_up_max(self, leaf_values)

    def log_roll_up(self, leaf_log_values: NDArray[np.floating]) -> NDArray[np.floating]:
        """`log(roll_up(exp(x)))` without leaving log space, `-inf` being log 0; same shapes."""
        return roll_up.log_roll_up(self, leaf_log_values)


def _check(names: Sequence[str], parents: Nodes) -> None:
    """Raise TaxonomyError unless names and parents make a breadth-first tree."""
    if parents.shape != (len(names),) or len(names) < 2:
        raise TaxonomyError("a taxonomy needs at least one label below its root")
    order = parents[1:]
    if parents[0] != -1 or (order < 0).any() or (order >= np.arange(1, len(names))).any():
        raise TaxonomyError("nodes are not numbered breadth-first: a parent must come first")
    if (np.diff(order) < 0).any():
        raise TaxonomyError("nodes are not numbered breadth-first: siblings must stand together")
    for name in names[1:]:
        if problem := flaw(name):
            raise TaxonomyError(problem)
    seen: set[tuple[int, str]] = set()
    for pair in zip(order.tolist(), names[1:], strict=True):
        if pair in seen:
            raise TaxonomyError(f"label {pair[1]!r} stands twice under one parent; keep one")
        seen.add(pair)
