"""Smaller sets and other trees: fewer classes, fewer images of each, the same images relabelled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from labeltree.data.collection import Collection, Source
from labeltree.data.lookup import LabelIndex
from labeltree.data.set_errors import check_sets
from labeltree.errors import DataError
from labeltree.taxonomy.label_sets import NONE, make_label_sets, present_nodes
from labeltree.taxonomy.new_leaves import with_new_leaves
from labeltree.taxonomy.part import part_of
from labeltree.taxonomy.tree import SEPARATOR, Taxonomy

Nodes = NDArray[np.int64]
Hint = Callable[[str, Sequence[str]], str]
"""What to say of a label that could be added, from its parent's path and its siblings' names."""


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
        source = take_classes(source, draw_classes(source.name, source.taxonomy, classes, seed))
    if images_per_class is not None:
        source = replace(source, train=take_images(source.train, images_per_class, seed))
    return source


def draw_classes(name: str, taxonomy: Taxonomy, classes: int, seed: int) -> Nodes:
    """So many leaves, drawn at random; see `limit`.

    Args:
        name: of the source, for the error.
        taxonomy: its tree.
        classes: how many.
        seed: equal seeds draw equally, and more include the fewer.

    Raises:
        DataError: more than there are, or none.
    """
    leaves = taxonomy.leaves
    if not 1 <= classes <= len(leaves):
        raise DataError(f"{name}: {classes} classes asked for; expected 1 to {len(leaves)}")
    return np.random.default_rng(seed).permutation(leaves)[:classes]


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
    return under_tree(source, *part_of(taxonomy, np.flatnonzero(keep)))


def take_full_classes(source: Source, wanted: int | None = None) -> Source:
    """Only the classes that have as many training images as the largest class.

    So that the error does not depend on which classes were drawn: of ImageNet's 1,000 classes 891
    have the full 1,300 images (paper 000, section 2.1).

    Args:
        source: what was opened.
        wanted: number of classes that will be drawn from them; None to draw none.

    Raises:
        DataError: fewer such classes than are wanted.
    """
    leaves = source.taxonomy.leaves
    sizes = times_shown(source.train)[leaves]
    full = leaves[sizes == sizes.max()]
    if wanted is not None and wanted > len(full):
        raise DataError(
            f"{source.name}: {wanted:,} classes asked for; {len(full):,} of {len(leaves):,} have "
            f"the full {sizes.max():,} training images"
        )
    return take_classes(source, full)


def take_images(part: Collection, per_node: int, seed: int = 0) -> Collection:
    """At most `per_node` images of each node (of each combination), drawn at random.

    Raises:
        DataError: `per_node` is below 1.
    """
    if per_node < 1:
        raise DataError(f"{per_node} images per class asked for; expected at least 1")
    order = np.random.default_rng(seed).permutation(len(part))
    order = order[np.argsort(part.kinds[order], kind="stable")]
    _, sizes = np.unique(part.kinds, return_counts=True)
    place = np.arange(len(part)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return part.subset(np.sort(order[place < per_node]))


def relabel(
    source: Source, taxonomy: Taxonomy, add: bool = False, hint: Hint | None = None
) -> Source:
    """The same images under another tree.

    A label is looked up by its path, or else by its last name where only one node of the tree
    has that name: folders `beagle/`, `pug/` fit a tree with `dog/beagle` and `dog/pug`. Where the
    tree knows a step above it, only what is below that step counts: `plant/pug` is no dog. A class
    whose last name repeats is also found as `class_names` calls it: `cat/black`, `dog/black` fit
    a tree with `cat > black` and `dog > black`.

    Args:
        source: what was opened.
        taxonomy: the other tree.
        add: whether labels of images that are not in the tree become leaves of a larger one, each
            below its parent there; see `LabelIndex.parent_of_new`.
        hint: what else to say of a label that is not in the tree, but could be added.

    Raises:
        DataError: images have a label that is not in the tree (and cannot be added to it), that
            fits several nodes, or, in this tree, contradicts another label of the image or is
            the same.
    """
    try:
        places = _places(source, LabelIndex(taxonomy), add, hint)
        new = dict.fromkeys(path for path in places.values() if path not in taxonomy)
        tree = with_new_leaves(taxonomy, new) if new else taxonomy
        numbers = np.full(len(source.taxonomy), -1, dtype=np.int64)
        numbers[list(places)] = [tree.find(path) for path in places.values()]
        for part in source.parts.values():
            check_sets(part, tree, numbers)
    except DataError as error:
        raise DataError(f"{source.name}: {error}") from None
    return under_tree(source, tree, numbers)


def _places(source: Source, index: LabelIndex, add: bool, hint: Hint | None) -> dict[int, str]:
    """The path in the other tree of each node that a label names; see `relabel`."""
    tree = index.taxonomy
    names = source.taxonomy.names
    called = dict(zip(source.taxonomy.leaves.tolist(), class_names(source.taxonomy), strict=True))
    shown = {node for part in source.parts.values() for node in np.unique(part.labels).tolist()}
    places = {0: ""}
    for node in sorted(set().union(*map(used_nodes, source.parts.values())) - {0}):
        path = source.taxonomy.paths[node]
        found = index.matches(path)
        if not found and called.get(node, names[node]) != names[node]:
            found = index.matches(called[node])
        if len(found) == 1:
            places[node] = tree.paths[found[0]]
        elif node not in shown:  # such a class is not learned
            remedy = "no image shows it: leave it out of the column unknown"
            raise DataError(index.why_not(path, found, remedy))
        elif found or not add:
            raise DataError(index.why_not(path, found, _hint(index, path, hint)))
        else:
            steps = (tree.paths[index.parent_of_new(path)], names[node])
            places[node] = SEPARATOR.join(filter(None, steps))
    return places


def _hint(index: LabelIndex, label: str, hint: Hint | None) -> str:
    """How to add a label to the tree; empty if it cannot be."""
    if hint is None:
        return ""
    tree, told = index.taxonomy, ""
    above, _, name = label.rpartition(SEPARATOR)
    try:
        parent = index.parent_of_new(label)
    except DataError:
        if above:
            missing = f"its parent {above!r} is not, either: give it one that is"
            return "" if index.matches(above) else missing
        parent = index.some_parent
        told = f"write its path, such as {f'{tree.paths[parent]}{SEPARATOR}{name}'!r}, and "
    return told + hint(tree.paths[parent], tree.names[tree.children(parent)])


def used_nodes(part: Collection) -> set[int]:
    """The nodes that labels name, unknown ones among them."""
    named = np.unique(part.labels)
    return {int(node) if node >= 0 else -2 - int(node) for node in named if node != NONE}


def under_tree(source: Source, taxonomy: Taxonomy, numbers: Nodes) -> Source:
    """The images under another tree, by the number in it of each node of the old one.

    Args:
        source: what was opened.
        taxonomy: the other tree.
        numbers: shape `(num_nodes of the old tree,)`; images of nodes with -1 are left out.
    """
    return source.replace_parts(lambda part: part.under(taxonomy, numbers))


def times_shown(part: Collection) -> Nodes:
    """How many images have each node among their labels, `(num_nodes,)`."""
    return np.bincount(part.labels[part.labels >= 0], minlength=len(part.taxonomy))


def without_inner_labels(source: Source) -> Source:
    """Only the images whose labels are leaves; a note tells how many others there were.

    Inner nodes that were not annotated become the leaves below them.
    """
    source = source.replace_parts(_with_unknown_leaves)
    leaves = np.where(source.taxonomy.is_leaf, np.arange(len(source.taxonomy)), -1)
    fewer = under_tree(source, source.taxonomy, leaves)
    before, after = (sum(map(len, each.parts.values())) for each in (source, fewer))
    if before == after:
        return source
    images = "image" if before - after == 1 else "images"
    note = f"left out {before - after:,} {images} labelled with an inner node"
    return replace(fewer, notes=(*fewer.notes, note))


def _with_unknown_leaves(part: Collection) -> Collection:
    if part.sets is None:
        return part
    tree = part.taxonomy
    kinds, kind_of = np.unique(part.sets, axis=0, return_inverse=True)
    unknown = []
    for row in kinds.tolist():
        below = np.zeros(tree.num_leaves, dtype=np.bool_)
        for value in row:
            if value < NONE:
                below |= tree.is_at_or_below(tree.leaves, np.array(-2 - value))
        unknown.append(set(tree.leaves[below].tolist()).difference(row))
    sets = make_label_sets(tree, present_nodes(kinds), unknown)
    return Collection.combined(tree, part.images, sets[kind_of.reshape(-1)])


def class_names(taxonomy: Taxonomy) -> tuple[str, ...]:
    """A name for each leaf that no other leaf has and that can be a label.

    That is its last name; where it repeats, its path with ` > ` for `/`. (A name that holds a `>`
    itself is also written as a path, with each `>` doubled: so no two can be taken for another.)

    >>> class_names(Taxonomy.from_paths(["cat/black", "cat/tabby", "dog/black"]))
    ('cat > black', 'tabby', 'dog > black')
    """
    names = [taxonomy.names[leaf] for leaf in taxonomy.leaves]
    times = Counter(names)
    return tuple(
        name
        if times[name] == 1 and ">" not in name
        else taxonomy.paths[leaf].replace(">", ">>").replace(SEPARATOR, " > ")
        for leaf, name in zip(taxonomy.leaves, names, strict=True)
    )
