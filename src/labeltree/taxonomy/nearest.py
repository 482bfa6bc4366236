"""The label that a mistyped path may have meant."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from labeltree.taxonomy.names import SEPARATOR

if TYPE_CHECKING:
    from labeltree.taxonomy.tree import Taxonomy


def nearest_path(tree: Taxonomy, path: str) -> str | None:
    """A path close to `path`, or None.

    Follows the path as far as it exists and looks for the next step among the children there;
    else takes a label of the same bare name elsewhere in the tree. (Comparing with all paths would
    cost seconds on a large tree.)

    >>> from labeltree.taxonomy import Taxonomy
    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> nearest_path(tree, "dog/beegle"), nearest_path(tree, "pug"), nearest_path(tree, "fish")
    ('dog/beagle', 'dog/pug', None)
    """
    parts = path.split(SEPARATOR)
    known = 0
    while known < len(parts) and SEPARATOR.join(parts[: known + 1]) in tree:
        known += 1
    parent = tree.find(SEPARATOR.join(parts[:known]))
    wanted = parts[known] if known < len(parts) else parts[-1]
    children = tree.children(parent)
    near = get_close_matches(wanted, tree.names[children], n=1)
    if near:
        return tree.paths[children.start + tree.names[children].index(near[0])]
    names = [name.casefold() for name in tree.names]
    last = parts[-1].casefold()
    return tree.paths[names.index(last)] if last and last in names else None
