"""Tables and mappings that put classes under categories.

```
superclass,class            {"fish": ["flatfish", "ray"],
fish,flatfish                "trees": ["maple_tree", "oak_tree"]}
fish,ray
trees,maple_tree
trees,oak_tree
```
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from labeltree.errors import ConfigError, DataError
from labeltree.taxonomy.names import clean, flaw
from labeltree.taxonomy.tree import Taxonomy

LEVELS = ("category", "class")
TABLES = (".csv", ".tsv", ".txt")

Categories = Path | str | Mapping[str, Sequence[str]]


class Named(NamedTuple):
    """One class that a table names.

    Attributes:
        category: as it is written there.
        label: of the class, as it is written there.
        where: the place, for messages.
    """

    category: str
    label: str
    where: str


def read_categories(
    categories: Categories, leaf_of: Callable[[str], int | None], alone: bool = False
) -> tuple[Sequence[str], list[Named]]:
    """The names of the two levels, and the classes in the order given.

    Args:
        categories: a table, a tree of two levels, or a mapping.
        leaf_of: the one class that a label means, if it means one.
        alone: whether a class of a file may stand without a category, which is then a category by
            itself, as in what `labeltree taxonomy discover` writes.

    Raises:
        DataError: a row without a category or a class, a category without classes, a table whose
            first line names no columns but a class.
        ConfigError: neither a path nor a mapping to lists.
        TaxonomyError: a file that cannot be read.
    """
    if isinstance(categories, Mapping):
        return LEVELS, _from_mapping(categories)
    if not isinstance(categories, str | Path):
        raise ConfigError(
            f"categories is {categories!r}; expected the path of a table, or category: [classes]"
        )
    path = Path(categories).expanduser()
    if path.is_file() and path.suffix.lower() in TABLES:
        from labeltree.taxonomy.readers.text import read_table

        table = read_table(path)
        if len(table.columns) == len(LEVELS):
            levels = [name or usual for name, usual in zip(table.columns, LEVELS, strict=True)]
            named = _from_rows(path, table.rows, alone)
            _check_header(f"{path} line {table.header}", table.columns, named, leaf_of)
            return levels, named
    return _from_tree(path, alone)


def one_leaf(taxonomy: Taxonomy, nodes: Callable[[str], Sequence[int]], label: str) -> int | None:
    """The only leaf among the nodes that a label may mean; None if there is none, or several."""
    leaves = [node for node in nodes(label) if taxonomy.is_leaf[node]]
    return leaves[0] if len(leaves) == 1 else None


def _from_mapping(categories: Mapping[str, Sequence[str]]) -> list[Named]:
    named = []
    for category, labels in categories.items():
        if isinstance(labels, str) or not isinstance(labels, Sequence):
            raise ConfigError(
                f"categories: {category!r} is {labels!r}; expected a list of its classes"
            )
        where = f"categories, {category!r}"
        if not labels:
            raise DataError(f"{where}: no class; a category has at least 2")
        named += [_named(str(category), str(label), where) for label in labels]
    if not named:
        raise DataError("categories: none are named")
    return named


def _from_rows(path: Path, rows: list[tuple[int, list[str]]], alone: bool) -> list[Named]:
    if not rows:
        raise DataError(f"{path}: no rows; expected a category and a class in each")
    named = []
    sizes = Counter(cells[0] for _, cells in rows)
    for line, cells in rows:
        where = f"{path} line {line}"
        if len(cells) != len(LEVELS):
            raise DataError(
                f"{where}: {len(cells)} cells, expected 2, a category and a class; "
                "quote a name that holds the delimiter"
            )
        category, label = cells
        if alone and not label and sizes[category] == 1:
            label = category
        named.append(_named(category, label, where))
    return named


def _check_header(
    where: str,
    columns: Sequence[str],
    named: Sequence[Named],
    leaf_of: Callable[[str], int | None],
) -> None:
    """Raise if the names of the columns are a row that would be lost."""
    label = columns[1] or columns[0]
    leaf = leaf_of(label)
    if leaf is not None and all(leaf_of(row.label) != leaf for row in named):
        raise DataError(
            f"{where}: the first line is taken for column names, but {label!r} is a class; put a "
            "line such as 'group,class' above it"
        )


def _named(category: str, label: str, where: str) -> Named:
    category = clean(category)
    if reason := flaw(category):
        raise DataError(f"{where}: {reason if category else f'no category for class {label!r}'}")
    if not clean(label):
        raise DataError(f"{where}: category {category!r} without a class; name one")
    return Named(category, label.strip(), where)


def _from_tree(path: Path, alone: bool) -> tuple[Sequence[str], list[Named]]:
    from labeltree.taxonomy import read_taxonomy

    tree = read_taxonomy(path)
    if tree.depth != len(LEVELS) or (len(tree.leaves_above(tree.depth)) and not alone):
        raise DataError(
            f"{path}: {tree}; expected a table or tree of two levels, categories and classes, "
            "with every class below a category"
        )
    categories = [tree.names[tree.path_to(leaf)[0]] for leaf in tree.leaves.tolist()]
    return tree.level_names, [
        Named(category, tree.names[leaf], str(path))
        for category, leaf in zip(categories, tree.leaves, strict=True)
    ]
