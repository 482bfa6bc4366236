"""What a file says about labels, before it is known to be a tree."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from labeltree.taxonomy.findings import Finding
from labeltree.taxonomy.names import SEPARATOR, flaw, printable
from labeltree.taxonomy.order import breadth_first, renumber
from labeltree.taxonomy.tree import Taxonomy

MOST_STEPS = 30  # of a path in a message


class Relations:
    """Nodes, who is said to be whose child, and where that is said.

    A reader fills it, the linter looks at it, `build` makes the tree. Nodes are numbered as they
    are met; node 0 is the root. Each kind of file has its own idea of when two mentions mean the
    same node, so the reader chooses a `key`: the parent and the name (a child of that folder), or
    the name alone (edges).

    Attributes:
        source: the file or folder, as messages call it.
        names: bare name of each node.
        places: where each node is mentioned first.
        parents, children, told_at: one entry per relation, in the order of the file.
        problems: what the reader itself found wrong.
        hollow: nodes that the file declares as inner nodes but that have no children.
        repeats: the kind of finding that a relation told twice is.
        level_names: a word for each depth from 1 on, if the file has them.
    """

    def __init__(self, source: str, repeats: str = "duplicate siblings") -> None:
        self.source = printable(source)
        self.repeats = repeats
        self.names: list[str] = [""]
        self.places: list[str] = [self.source]
        self.parents: list[int] = []
        self.children: list[int] = []
        self.told_at: list[str] = []
        self.problems: list[Finding] = []
        self.hollow: list[int] = []
        self.level_names: Sequence[str] | None = None
        self._numbers: dict[Hashable, int] = {}

    @classmethod
    def of_tree(cls, tree: Taxonomy, source: str = "tree") -> Relations:
        """What a tree says, to look at its names and shape."""
        relations = cls(source)
        for node in range(1, tree.num_nodes):
            place = f"{source}: {tree.paths[node]}"
            relations.relate(
                int(tree.parents[node]), relations.node(node, tree.names[node], place), place
            )
        return relations

    def node(self, key: Hashable, name: str, place: str) -> int:
        """The number of the node with this key, new or old."""
        number = self._numbers.setdefault(key, len(self.names))
        if number == len(self.names):
            self.names.append(name)
            self.places.append(place)
            if problem := flaw(name):
                self.problem("bad name", problem, place)
        return number

    def relate(self, parent: int, child: int, place: str) -> None:
        """Note that `place` says that `child` is a child of `parent`."""
        self.parents.append(parent)
        self.children.append(child)
        self.told_at.append(place)

    def child(self, parent: int, name: str, place: str) -> int:
        """A node known by its parent and name, related at its first mention only."""
        known = len(self.names)
        number = self.node((parent, name), name, place)
        if number == known:
            self.relate(parent, number, place)
        return number

    def problem(self, kind: str, message: str, place: str) -> None:
        """Note what only the reader can see."""
        self.problems.append(Finding(kind, message, place))

    def parent_of(self) -> list[int]:
        """The parent of each node that is told first; -1 for the root and for orphans."""
        first = [-1] * len(self.names)
        for parent, child in zip(reversed(self.parents), reversed(self.children), strict=True):
            first[child] = parent
        return first

    def path(self, node: int, parent_of: list[int]) -> str:
        """The path of a node; only its end where it is very long or goes in circles."""
        steps: list[int] = []
        while node > 0 and node not in steps and len(steps) < MOST_STEPS:
            steps.append(node)
            node = parent_of[node]
        whole = SEPARATOR.join(self.names[step] for step in reversed(steps))
        return f"…{SEPARATOR}{whole}" if node > 0 else whole

    def shown(self, node: int, parent_of: list[int]) -> str:
        """How messages call a node."""
        return repr(self.path(node, parent_of)) if node else "the root"

    def build(self) -> Taxonomy:
        """The tree; the linter must have found no error."""
        ranks = np.zeros(len(self.names), dtype=np.int64)
        ranks[self.children[::-1]] = np.arange(len(self.children))[::-1]
        parents = np.array(self.parent_of(), dtype=np.int64)
        order = breadth_first(parents, ranks)
        parents = renumber(parents, order)
        names = [self.names[node] for node in order.tolist()]
        if self.level_names is None:
            return Taxonomy(names, parents)
        depth, node = 0, len(names) - 1  # the last node is one of the deepest
        while node:
            depth, node = depth + 1, parents[node]
        return Taxonomy(names, parents, list(self.level_names)[:depth])
