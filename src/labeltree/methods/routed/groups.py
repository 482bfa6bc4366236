"""Groups of classes as people write them: names in a table or a mapping become paths of leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from labeltree.data.category_tables import Named, read_categories
from labeltree.data.group_scope import some_of
from labeltree.data.lookup import LabelIndex
from labeltree.data.subsets import class_names
from labeltree.errors import DataError
from labeltree.taxonomy import Taxonomy
from labeltree.taxonomy.names import clean

Groups = dict[str, tuple[str, ...]]


def read_groups(taxonomy: Taxonomy, groups: Path | Mapping[str, Sequence[str]]) -> Groups:
    """The paths of each group's leaves, groups and leaves in the order given.

    A class is looked up by its path, by its last name where only one class has that, or as
    `labeltree.data.class_names` calls it.

    Args:
        taxonomy: whose leaves are grouped.
        groups: a mapping from each group to its classes; or a table with two columns, group and
            class, of any names; or a tree of two levels, such as `labeltree taxonomy discover`
            writes. There, a class beside the groups is a group of its own.

    Raises:
        DataError: classes that are unknown, no leaf, named twice or in no group; fewer than two
            groups. All flaws of a kind are named.
        TaxonomyError: a file that cannot be read.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> read_groups(tree, {"flat-faced": ["cat", "pug"], "long-faced": ["beagle"]})
    {'flat-faced': ('cat', 'dog/pug'), 'long-faced': ('dog/beagle',)}
    """
    if isinstance(groups, Mapping):
        title, named = "groups", _from_mapping(groups)
    else:
        title, named = str(groups), read_categories(groups, alone=True)[1]
    leaves = _look_up(taxonomy, named, title)
    _check_each_once(taxonomy, named, leaves, title)
    found: dict[str, list[str]] = {}
    for row, leaf in zip(named, leaves, strict=True):
        found.setdefault(row.category, []).append(taxonomy.paths[leaf])
    if len(found) < 2:
        raise DataError(
            f"{title}: one group, {next(iter(found))!r}, holds every class; a router needs two or "
            "more to tell apart (for one network use --method flat)"
        )
    return {name: tuple(paths) for name, paths in found.items()}


def _from_mapping(groups: Mapping[str, Sequence[str]]) -> list[Named]:
    names = [clean(name) for name in groups]
    if again := next((name for name in names if names.count(name) > 1), None):
        raise DataError(f"groups: two groups are named {again!r}; rename one")
    return [
        Named(name, label, f"group {name!r}")
        for name, labels in zip(names, groups.values(), strict=True)
        for label in labels
    ]


def _look_up(taxonomy: Taxonomy, named: Sequence[Named], title: str) -> list[int]:
    """The leaf of each class."""
    index = LabelIndex(taxonomy)
    called = dict(zip(class_names(taxonomy), taxonomy.leaves.tolist(), strict=True))
    leaves: list[int] = []
    unknown: dict[str, None] = {}
    unclear: list[str] = []
    for row in named:
        found = index.matches(row.label) or [
            leaf for leaf in [called.get(row.label)] if leaf is not None
        ]
        classes = [node for node in found if taxonomy.is_leaf[node]]
        if not found:
            near = index.nearest(row.label)
            unknown[f"{row.label!r}" + (f" (did you mean {near!r}?)" if near else "")] = None
        elif len(classes) != 1:
            unclear.append(f"{row.where}: {_why_not(row.label, classes or found, taxonomy)}")
        leaves += classes[:1]
    if unknown:
        raise DataError(
            f"{title}: no such {'class' if len(unknown) == 1 else 'classes'} in {taxonomy}: "
            f"{some_of(unknown)}"
        )
    if unclear:
        more = f" (and {len(unclear) - 1:,} more like it)" if len(unclear) > 1 else ""
        raise DataError(unclear[0] + more)
    return leaves


def _why_not(label: str, found: Sequence[int], taxonomy: Taxonomy) -> str:
    if taxonomy.is_leaf[found[0]]:
        places = ", ".join(repr(taxonomy.paths[node]) for node in found[:3])
        return f"{label!r} fits {len(found)} classes ({places}); give the path"
    return f"{label!r} is no class but stands above {taxonomy.leaf_counts[found[0]]:,}; name those"


def _check_each_once(
    taxonomy: Taxonomy, named: Sequence[Named], leaves: Sequence[int], title: str
) -> None:
    first: dict[int, Named] = {}
    twice: list[str] = []
    for row, leaf in zip(named, leaves, strict=True):
        before = first.setdefault(leaf, row)
        if before is not row:
            twice.append(f"{taxonomy.paths[leaf]!r} ({before.where}, {row.where})")
    if twice:
        raise DataError(f"{title}: a class belongs to one group; named twice: {some_of(twice)}")
    missing = [repr(taxonomy.paths[leaf]) for leaf in taxonomy.leaves.tolist() if leaf not in first]
    if missing:
        what = "class is" if len(missing) == 1 else "classes are"
        raise DataError(
            f"{title}: {len(missing):,} {what} in no group: {some_of(missing)}; every class of "
            f"{taxonomy} needs one"
        )
