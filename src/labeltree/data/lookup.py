"""Find the node that a label means: by its path, or by its last name where that is enough."""

from __future__ import annotations

from difflib import get_close_matches

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
        """The node of that path, else all nodes of its last name."""
        if label in self.taxonomy:
            return [self.taxonomy.find(label)]
        return self._by_name.get(_last(label), [])

    def nearest(self, label: str) -> str | None:
        """The path of a node whose name is close to the label's, or None."""
        near = get_close_matches(_last(label), self._by_name, n=1)
        return self.taxonomy.paths[self._by_name[near[0]][0]] if near else None


def _last(label: str) -> str:
    return clean(label.rsplit(SEPARATOR, 1)[-1])
