"""Groups of classes as people write them: names in a table or a mapping become paths of leaves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from labeltree.data.category_tables import Named, one_leaf, read_categories
from labeltree.data.group_scope import check_each_once, some_of
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
    nodes = partial(_nodes, LabelIndex(taxonomy), _called(taxonomy))
    if isinstance(groups, Mapping):
        title, named = "groups", _from_mapping(groups)
    else:
        title = str(groups)
        _, named = read_categories(groups, partial(one_leaf, taxonomy, nodes), alone=True)
    leaves = _look_up(taxonomy, named, nodes, title)
    check_each_once(taxonomy, leaves, [row.where for row in named], title)
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


def _called(taxonomy: Taxonomy) -> dict[str, int]:
    return dict(zip(class_names(taxonomy), taxonomy.leaves.tolist(), strict=True))


def _nodes(index: LabelIndex, called: Mapping[str, int], label: str) -> list[int]:
    """What a label may mean."""
    found = index.matches(label)
    if not found and label in called:
        return [called[label]]
    return found


def _look_up(
    taxonomy: Taxonomy,
    named: Sequence[Named],
    nodes: Callable[[str], list[int]],
    title: str,
) -> list[int]:
    """The leaf of each class."""
    leaves: list[int] = []
    unknown: dict[str, None] = {}
    unclear: list[str] = []
    for row in named:
        found = nodes(row.label)
        classes = [node for node in found if taxonomy.is_leaf[node]]
        if not found:
            unknown[row.label] = None
        elif len(classes) != 1:
            unclear.append(f"{row.where}: {_why_not(row.label, classes or found, taxonomy)}")
        leaves += classes[:1]
    if unknown:
        raise DataError(
            f"{title}: no such {'class' if len(unknown) == 1 else 'classes'} in {taxonomy}: "
            f"{some_of(list(unknown), partial(_with_hint, LabelIndex(taxonomy)))}"
        )
    if unclear:
        more = f" (and {len(unclear) - 1:,} more like it)" if len(unclear) > 1 else ""
        raise DataError(unclear[0] + more)
    return leaves


def _with_hint(index: LabelIndex, label: str) -> str:
    near = index.nearest(label)
    return f"{label!r} (did you mean {near!r}?)" if near else repr(label)


def _why_not(label: str, found: Sequence[int], taxonomy: Taxonomy) -> str:
    if taxonomy.is_leaf[found[0]]:
        places = ", ".join(repr(taxonomy.paths[node]) for node in found[:3])
        return f"{label!r} fits {len(found)} classes ({places}); give the path"
    return f"{label!r} is no class but stands above {taxonomy.leaf_counts[found[0]]:,}; name those"
