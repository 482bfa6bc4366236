"""The tree of classes as it is opened: no branch is too wide to be read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from labeltree.reports.words import printable
from labeltree.taxonomy import SEPARATOR

WIDEST = 40  # children of which a matrix is readable


@dataclass(frozen=True)
class ClassTree:
    """Nodes, each before what is below it; the root is the first.

    A branch with one child is one with it: there is nothing to tell apart. Where there are more
    than `WIDEST` children, neighbours stand in ranges.

    Attributes:
        names: what leads from the parent to each node; None for a range.
        depths: of each node, the root's 0.
        leaves: the classes in the order of the tree, as places among the paths it was made of.
    """

    names: tuple[str | None, ...]
    depths: tuple[int, ...]
    leaves: tuple[int, ...]

    @classmethod
    def of(cls, paths: Sequence[str]) -> ClassTree:
        """Siblings stand in the order in which they are mentioned.

        >>> tree = ClassTree.of(["cat", "dog/small/pug", "dog/small/papillon"])
        >>> tree.names, tree.depths, tree.leaves
        (('', 'cat', 'dog/small', 'pug', 'papillon'), (0, 1, 1, 2, 2), (0, 1, 2))
        """
        root = _Branch("")
        for place, path in enumerate(paths):
            root.add(path.split(SEPARATOR), place)
        nodes = list(_walk(root, 0))
        return cls(
            names=tuple(None if name is None else printable(name) for name, _, _ in nodes),
            depths=tuple(depth for _, depth, _ in nodes),
            leaves=tuple(place for _, _, place in nodes if place is not None),
        )

    def top(self) -> list[tuple[int, int]]:
        """What stands below the root: its node, and how many classes it holds."""
        nodes = [at for at, depth in enumerate(self.depths) if depth == 1]
        return [
            (node, sum(map(self.is_leaf, range(node, end))))
            for node, end in pairwise([*nodes, len(self.depths)])
        ]

    def is_leaf(self, node: int) -> bool:
        """Whether nothing is below a node."""
        return self.depths[node : node + 2] != (self.depths[node], self.depths[node] + 1)


@dataclass
class _Branch:
    name: str | None  # None: a range
    place: int | None = None  # of a class
    children: dict[str, _Branch] = field(default_factory=dict)

    def add(self, steps: Sequence[str], place: int) -> None:
        branch = self
        for step in steps:
            branch = branch.children.setdefault(step, _Branch(step))
        branch.place = place


def _walk(branch: _Branch, depth: int) -> Iterator[tuple[str | None, int, int | None]]:
    """Name, depth and place of each node, a branch before what is in it."""
    children, name = list(branch.children.values()), branch.name
    while len(children) == 1 and children[0].children:
        name = SEPARATOR.join(filter(None, (name, children[0].name)))
        children = list(children[0].children.values())
    if len(children) == 1 and depth:
        name, place = f"{name}{SEPARATOR}{children[0].name}", children[0].place
        children = []
    else:
        place = branch.place
    yield name, depth, place
    for child in _in_ranges(children):
        yield from _walk(child, depth + 1)


def _in_ranges(children: list[_Branch]) -> list[_Branch]:
    """As many ranges as there will be children in each, in as few levels as will do."""
    if len(children) <= WIDEST:
        return children
    levels = 2
    while WIDEST**levels < len(children):
        levels += 1
    width = next(width for width in range(2, WIDEST + 1) if width**levels >= len(children))
    ends = [round(part * len(children) / width) for part in range(width + 1)]
    return [
        _Branch(None, children={str(at): child for at, child in enumerate(children[start:end])})
        for start, end in pairwise(ends)
    ]
