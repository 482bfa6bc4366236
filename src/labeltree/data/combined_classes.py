"""Combined labels the traditional way: each combination is one more class."""

from __future__ import annotations

import numpy as np

from labeltree.data.collection import Collection, Source
from labeltree.data.subsets import class_names
from labeltree.taxonomy.label_sets import present_nodes
from labeltree.taxonomy.tree import SEPARATOR, Taxonomy

COMBINED = "combined"
"""Name of the node above them."""


def combinations_as_classes(source: Source) -> Source:
    """The same images with one label each, for methods that know no others.

    Each combination of leaves that an image shows is a leaf of its own, `combined/beagle+pug`, in
    the tree's order; it has nothing in common with `dog/beagle` and `dog/pug` any more.

    Args:
        source: all of whose parts have label sets of leaves.
    """
    old = source.taxonomy
    shown = {name: _shown(part) for name, part in source.parts.items()}
    several = sorted({nodes for rows in shown.values() for nodes in rows if len(nodes) > 1})
    called = dict(zip(old.leaves.tolist(), class_names(old), strict=True))
    paths: dict[tuple[int, ...], str] = {(i,): path for i, path in enumerate(old.paths) if i}
    for nodes in several:
        paths[nodes] = f"{COMBINED}{SEPARATOR}{'+'.join(called[node] for node in nodes)}"
    taxonomy = Taxonomy.from_paths(paths.values(), old.level_names if old.depth > 1 else None)
    number = {nodes: taxonomy.find(path) for nodes, path in paths.items()}

    def with_classes(part: Collection) -> Collection:
        targets = np.array([number[nodes] for nodes in _shown(part)], dtype=np.int64)
        return Collection(taxonomy, part.images, targets)

    return source.replace_parts(with_classes)


def _shown(part: Collection) -> list[tuple[int, ...]]:
    assert part.sets is not None
    return [tuple(nodes) for nodes in present_nodes(part.sets)]
