"""Smaller sets and other trees: fewer classes, fewer images of each, the same images relabelled."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from labeltree.data.collection import Collection, Source
from labeltree.errors import DataError
from labeltree.taxonomy.part import part_of
from labeltree.taxonomy.tree import SEPARATOR, Taxonomy

Nodes = NDArray[np.int64]


def limit(
    source: Source,
    classes: int | None = None,
    images_per_class: int | None = None,
    seed: int = 0,
) -> Source:
    """Keep some of the classes and some of the training images of each.

    Classes are drawn at random, so that they come from all over the tree. Validation and test
    keep all images of the kept classes.

    Args:
        source: what was opened.
        classes: number of leaves to keep; all if None.
        images_per_class: most training images of each node; all if None.
        seed: equal seeds keep equal classes and images, and more include the fewer.

    Raises:
        DataError: more classes than there are, or a number below 1.
    """
    if classes is not None:
        leaves = source.taxonomy.leaves
        if not 1 <= classes <= len(leaves):
            raise DataError(
                f"{source.name}: {classes} classes asked for; expected 1 to {len(leaves)}"
            )
        source = take_classes(source, np.random.default_rng(seed).permutation(leaves)[:classes])
    if images_per_class is not None:
        source = replace(source, train=take_images(source.train, images_per_class, seed))
    return source


def take_classes(source: Source, leaves: Nodes) -> Source:
    """The part of the tree above these leaves, and the images that belong to it.

    Args:
        source: what was opened.
        leaves: node numbers of the leaves to keep.
    """
    taxonomy = source.taxonomy
    keep = np.zeros(len(taxonomy), dtype=np.bool_)
    nodes = np.asarray(leaves, dtype=np.int64)
    while not keep[nodes].all():
        keep[nodes] = True
        nodes = np.maximum(taxonomy.parents[nodes], 0)
    smaller, numbers = part_of(taxonomy, np.flatnonzero(keep))

    def shrink(part: Collection) -> Collection:
        part = part.subset(np.flatnonzero(keep[part.targets]))
        return Collection(smaller, part.images, numbers[part.targets])

    return source.replace_parts(shrink)


def take_images(part: Collection, per_node: int, seed: int = 0) -> Collection:
    """At most `per_node` images of each node, drawn at random.

    Raises:
        DataError: `per_node` is below 1.
    """
    if per_node < 1:
        raise DataError(f"{per_node} images per class asked for; expected at least 1")
    order = np.random.default_rng(seed).permutation(len(part))
    order = order[np.argsort(part.targets[order], kind="stable")]
    _, sizes = np.unique(part.targets, return_counts=True)
    place = np.arange(len(part)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return part.subset(np.sort(order[place < per_node]))


def relabel(source: Source, taxonomy: Taxonomy) -> Source:
    """The same images under another tree.

    A label is looked up by its path, or else by its last name where only one node of the tree
    has that name: folders `beagle/`, `pug/` fit a tree with `dog/beagle` and `dog/pug`.

    Raises:
        DataError: images have a label that is not in the tree, or that fits several nodes.
    """
    by_name: dict[str, list[int]] = {}
    for node, name in enumerate(taxonomy.names[1:], 1):
        by_name.setdefault(name, []).append(node)
    numbers = np.full(len(source.taxonomy), -1, dtype=np.int64)
    numbers[0] = 0
    used = {int(node) for part in source.parts.values() for node in np.unique(part.targets)}
    for node in sorted(used - {0}):
        path = source.taxonomy.paths[node]
        found = by_name.get(path.rsplit(SEPARATOR, 1)[-1], [])
        if path in taxonomy:
            numbers[node] = taxonomy.find(path)
        elif len(found) == 1:
            numbers[node] = found[0]
        else:
            raise DataError(f"{source.name}: {_why_not(path, by_name, taxonomy)}")
    return source.replace_parts(
        lambda part: Collection(taxonomy, part.images, numbers[part.targets])
    )


def _why_not(path: str, by_name: dict[str, list[int]], taxonomy: Taxonomy) -> str:
    name = path.rsplit(SEPARATOR, 1)[-1]
    found = by_name.get(name, [])
    if found:
        places = ", ".join(repr(taxonomy.paths[node]) for node in found[:3])
        return f"label {path!r} fits {len(found)} nodes of the taxonomy ({places}); give its path"
    from difflib import get_close_matches

    near = [taxonomy.paths[by_name[match][0]] for match in get_close_matches(name, by_name, n=1)]
    hint = f"; did you mean {near[0]!r}?" if near else "; add it to the taxonomy or rename it"
    return f"label {path!r} is not in the taxonomy{hint}"
