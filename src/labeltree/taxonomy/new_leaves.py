"""A label tree that grows: new leaves below inner nodes that it has."""

from __future__ import annotations

from collections.abc import Iterable

from labeltree.errors import TaxonomyError
from labeltree.taxonomy.names import SEPARATOR
from labeltree.taxonomy.tree import Taxonomy


def with_new_leaves(taxonomy: Taxonomy, paths: Iterable[str]) -> Taxonomy:
    """The tree with more leaves, in the order given, behind their older siblings.

    All that it had stays: nodes keep their paths, leaves are leaves, and no level is added.

    Args:
        taxonomy: the tree.
        paths: of the new leaves; a path of one step is one below the root.

    Raises:
        TaxonomyError: a path that is there already, or whose parent is not there or is a leaf.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> with_new_leaves(tree, ["dog/corgi"]).paths
    ('', 'cat', 'dog', 'dog/beagle', 'dog/pug', 'dog/corgi')
    """
    new = list(paths)
    for path in new:
        parent = path.rpartition(SEPARATOR)[0]
        if path in taxonomy:
            raise TaxonomyError(f"label {path!r} is in the taxonomy already")
        if taxonomy.is_leaf[taxonomy.find(parent)]:
            raise TaxonomyError(
                f"label {path!r} would make an inner node of the leaf {parent!r}; "
                "give it another parent"
            )
    return Taxonomy.from_paths([*taxonomy.paths[1:], *new], taxonomy.level_names)
