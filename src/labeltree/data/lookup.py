"""Find the node that a label means: by its path, or by its last name where that is enough.

And where it would stand, if it is none.
"""

from __future__ import annotations

from difflib import get_close_matches

from labeltree.errors import DataError
from labeltree.taxonomy.names import clean
from labeltree.taxonomy.tree import SEPARATOR, Taxonomy


class LabelIndex:
    """The nodes of a tree by path and by last name.

    >>> index = LabelIndex(Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"]))
    >>> index.matches("pug"), index.matches("dog/pug"), index.matches("fish")
    ([4], [4], [])
    >>> index.nearest("begle")
    'dog/beagle'
    """

    def __init__(self, taxonomy: Taxonomy) -> None:
        self.taxonomy = taxonomy
        self._by_name: dict[str, list[int]] = {}
        for node, name in enumerate(taxonomy.names[1:], 1):
            self._by_name.setdefault(name, []).append(node)

    def matches(self, label: str) -> list[int]:
        """The node of that path, else all nodes of its last name.

        Where the tree knows a step above it, only nodes below that one: `plant/pug` is no dog
        if there are plants. (Of steps known by name alone, those are meant that stand above others:
        a leaf of that name may be anything.)
        """
        tree, steps = self.taxonomy, label.split(SEPARATOR)
        found: list[int] = []
        above: list[int] = []
        for end, step in enumerate(steps, 1):
            if (path := SEPARATOR.join(steps[:end])) in tree:
                found = above = [tree.find(path)]
            else:
                named = self._by_name.get(clean(step), [])
                found = [node for node in named if not above or self._is_below(node, above)]
                above = [node for node in found if not tree.is_leaf[node]] or above
        return found

    def _is_below(self, node: int, above: list[int]) -> bool:
        return any(step in above for step in (0, *self.taxonomy.path_to(node)[:-1]))

    def parent_of_new(self, label: str) -> int:
        """The inner node below which a label that the tree lacks would be one more leaf.

        The parent in its path, found as any label is. A label without one goes to the top if
        other leaves are there.

        Raises:
            DataError: there is no such node, or a leaf would become an inner node.

        >>> index = LabelIndex(Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"]))
        >>> index.parent_of_new("dog/corgi"), index.parent_of_new("fish")
        (2, 0)
        """
        parent, _, name = label.rpartition(SEPARATOR)
        tree = self.taxonomy
        if not parent:
            if tree.is_leaf[tree.level(1)].any():
                return 0
            raise DataError(
                f"label {label!r} is not in the taxonomy, and below what it belongs is not told; "
                f"write its path, such as {f'{tree.paths[self.some_parent]}{SEPARATOR}{name}'!r}"
            )
        found = self.matches(parent)
        if len(found) != 1:
            raise DataError(f"label {label!r} cannot be added: {self.why_not(parent, found)}")
        if tree.is_leaf[found[0]]:
            raise DataError(
                f"label {label!r} cannot be added: it would make an inner node of the leaf "
                f"{tree.paths[found[0]]!r}; give it another parent"
            )
        return found[0]

    @property
    def some_parent(self) -> int:
        """An inner node with leaves below it, for examples."""
        return int(self.taxonomy.parents[self.taxonomy.leaves[0]])

    def why_not(self, label: str, found: list[int], hint: str = "") -> str:
        """Why a label is no one node, and what can be done.

        Args:
            label: what was looked up.
            found: what it matches: none or several.
            hint: one more thing that can be done if it matches none.
        """
        if found:
            places = ", ".join(repr(self.taxonomy.paths[node]) for node in found[:3])
            return (
                f"label {label!r} fits {len(found)} nodes of the taxonomy ({places}); give its path"
            )
        near = self.nearest(label)
        remedies = [*([f"did you mean {near!r}?"] if near else []), *([hint] if hint else [])]
        otherwise = "add it to the taxonomy or rename it"
        return f"label {label!r} is not in the taxonomy; {' '.join(remedies) or otherwise}"

    def nearest(self, label: str) -> str | None:
        """The path of a node whose name is close to the label's, or None."""
        near = get_close_matches(_last(label), self._by_name, n=1)
        return self.taxonomy.paths[self._by_name[near[0]][0]] if near else None


def _last(label: str) -> str:
    return clean(label.rsplit(SEPARATOR, 1)[-1])
