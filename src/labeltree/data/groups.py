"""Classes dealt at random into groups: the tree against which real categories are compared."""

from __future__ import annotations

import numpy as np

from labeltree.data.collection import Source
from labeltree.data.subsets import class_names, under_tree, without_inner_labels
from labeltree.errors import DataError
from labeltree.taxonomy.tree import SEPARATOR, Taxonomy

LEVELS = ("group", "class")
_STREAM = 1  # of the seed: the deal does not depend on the draw of the classes


def into_random_groups(source: Source, groups: int, seed: int = 0) -> Source:
    """The same images under a tree of two levels that knows nothing of the classes.

    All groups have the same number of classes, or one more. Classes keep their last names; see
    `class_names`. Images whose label is an inner node are left out, since they have no class.

    Args:
        source: what was opened.
        groups: how many; named `group 01`, `group 02`, ....
        seed: equal seeds deal equally.

    Raises:
        DataError: fewer than 2 groups, or fewer than 2 classes in one of them.
    """
    taxonomy = source.taxonomy
    if not 2 <= groups <= taxonomy.num_leaves // 2:
        raise DataError(
            f"{source.name}: {groups} random groups of {taxonomy.num_leaves:,} classes asked for; "
            "expected at least 2 groups of at least 2 classes each"
        )
    source = without_inner_labels(source)
    names = class_names(taxonomy)
    digits = max(2, len(str(groups)))
    order = np.random.default_rng([seed, _STREAM]).permutation(taxonomy.num_leaves)
    paths = {
        int(taxonomy.leaves[place]): f"group {number:0{digits}}{SEPARATOR}{names[place]}"
        for number, places in enumerate(np.array_split(order, groups), 1)
        for place in np.sort(places)
    }
    tree = Taxonomy.from_paths(paths.values(), LEVELS)
    numbers = np.full(len(taxonomy), -1, dtype=np.int64)
    for leaf, path in paths.items():
        numbers[leaf] = tree.find(path)
    return under_tree(source, tree, numbers)
