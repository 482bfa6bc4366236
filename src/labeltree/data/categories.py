"""Some of the classes, under categories that a table or a mapping names."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from labeltree.data.category_tables import Categories, Named, one_leaf, read_categories
from labeltree.data.collection import Source
from labeltree.data.lookup import LabelIndex
from labeltree.data.subsets import class_names, under_tree, without_inner_labels
from labeltree.errors import DataError
from labeltree.taxonomy.tree import SEPARATOR, Taxonomy


def into_categories(source: Source, categories: Categories) -> Source:
    """Only the named classes, under their categories: a tree of two levels.

    A class is looked up by its path, by another name that the source has for it (WordNet ids of
    ImageNet's classes), or by its last name where only one class has that. Classes keep their
    last names; see `class_names`. Images of other classes are left out, and so are those whose
    label is an inner node.

    Args:
        source: what was opened.
        categories: a mapping from each category to its classes; or a table with two columns,
            category and class, of any names; or a file with a tree of two levels.

    Raises:
        DataError: unknown classes (all are named), a class under two categories or twice in one,
            a category with fewer than two classes.
        TaxonomyError: a file that cannot be read.
    """
    index = LabelIndex(source.taxonomy)
    nodes = partial(_nodes, index, source.aliases)
    levels, named = read_categories(categories, partial(one_leaf, source.taxonomy, nodes))
    leaves = _look_up(source, named, index, _title(categories))
    _check_sizes(named)
    taxonomy = source.taxonomy
    names = class_names(taxonomy)
    paths = [
        f"{row.category}{SEPARATOR}{names[taxonomy.leaf_index[leaf]]}"
        for row, leaf in zip(named, leaves, strict=True)
    ]
    tree = Taxonomy.from_paths(paths, levels)
    numbers = np.full(len(taxonomy), -1, dtype=np.int64)
    numbers[leaves] = [tree.find(path) for path in paths]
    return under_tree(without_inner_labels(source), tree, numbers)


def _title(categories: Categories) -> str:
    """What to call it in messages."""
    return "categories" if isinstance(categories, Mapping) else str(categories)


def _nodes(index: LabelIndex, aliases: Mapping[str, str], label: str) -> list[int]:
    """What a label may mean."""
    return index.matches(aliases.get(label, label))


def _look_up(source: Source, named: list[Named], index: LabelIndex, title: str) -> list[int]:
    """The leaf of each class."""
    leaves: dict[int, Named] = {}
    unknown: dict[str, None] = {}
    for row in named:
        label = source.aliases.get(row.label, row.label)
        found = _nodes(index, source.aliases, row.label)
        classes = [node for node in found if source.taxonomy.is_leaf[node]]
        if not found:
            near = index.nearest(label)
            unknown[f"{row.label!r}" + (f" (did you mean {near!r}?)" if near else "")] = None
        elif len(classes) != 1:
            raise DataError(f"{row.where}: {_why_not(row.label, classes or found, source)}")
        elif classes[0] in leaves:
            first = leaves[classes[0]]
            raise DataError(
                f"{row.where}: class {row.label!r} is under {first.category!r} already "
                f"({first.where}); a class belongs to one category"
            )
        else:
            leaves[classes[0]] = row
    if unknown:
        raise DataError(
            f"{title}: no such {'class' if len(unknown) == 1 else 'classes'} in {source.name}: "
            f"{', '.join(unknown)}"
        )
    return list(leaves)


def _why_not(label: str, found: list[int], source: Source) -> str:
    taxonomy = source.taxonomy
    if taxonomy.is_leaf[found[0]]:
        places = ", ".join(repr(taxonomy.paths[node]) for node in found[:3])
        return f"{label!r} fits {len(found)} classes of {source.name} ({places}); give the path"
    below = taxonomy.leaf_counts[found[0]]
    return f"{label!r} is no class of {source.name} but stands above {below:,}; name those"


def _check_sizes(named: list[Named]) -> None:
    sizes: dict[str, list[Named]] = {}
    for row in named:
        sizes.setdefault(row.category, []).append(row)
    for category, rows in sizes.items():
        if len(rows) == 1:
            raise DataError(
                f"{rows[0].where}: category {category!r} has one class; expected at least 2"
            )
