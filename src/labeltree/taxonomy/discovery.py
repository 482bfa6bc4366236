"""A tree for classes that have none, from what a classifier confuses.

Classes that are often taken for each other become siblings. From a tree found like this, every
method that needs a tree can be trained; it says what looks alike, not what things are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from labeltree.errors import TaxonomyError, suggestion
from labeltree.taxonomy.arrays import Nodes
from labeltree.taxonomy.group_tree import tree_of_groups
from labeltree.taxonomy.grouping import (
    METHODS,
    SPECTRAL,
    Matrix,
    group,
    number_of_groups,
    similarity,
)
from labeltree.taxonomy.tree import Taxonomy


@dataclass(frozen=True, eq=False)
class Discovery:
    """What was found.

    Attributes:
        taxonomy: the groups and, under them, the classes.
        levels: number of groups asked for at each level, coarse to fine.
        groups: a group number for each class (as they were given) at each level, shape
            `(levels, classes)`. A class that is never confused has a group of its own.
        isolated: the classes that are never confused.
    """

    taxonomy: Taxonomy
    levels: tuple[int, ...]
    groups: Nodes
    isolated: tuple[str, ...]


def discover(
    confusion: ArrayLike,
    names: Sequence[str],
    levels: Sequence[int] | None = None,
    method: str = SPECTRAL,
) -> Discovery:
    """Group classes by how often they are taken for each other.

    Nothing depends on the order of the classes: they are sorted by name first, which also settles
    ties. A group is named after its most central class, the one with the greatest similarity to
    the rest of it: `group of oak`; above the finest level, `groups around oak`.

    Nodes with a single child are left out: a group of one class is that class, and a group that a
    finer level does not divide holds its classes. So leaves may be at any depth, also at depth 1,
    where the classes that are never confused with any other stand beside the groups.

    Args:
        confusion: counts, or summed probabilities; rows are the true classes; shape `(n, n)`. See
            `grouping.similarity` for what is read from it.
        names: of the classes; the leaves keep them.
        levels: numbers of groups, coarse to fine (`(5, 20)`), not counting classes that are never
            confused. None chooses one level (`grouping.number_of_groups`).
        method: see `grouping.group`.

    Raises:
        TaxonomyError: a matrix that is none, without any confusion, names that do not fit, or
            numbers of groups that cannot be.

    >>> confusion = [[8, 0, 0, 2], [0, 9, 1, 0], [0, 2, 8, 0], [1, 0, 0, 9]]
    >>> discover(confusion, ["beagle", "manx", "siamese", "pug"]).taxonomy.paths[3:]
    ('group of beagle/beagle', 'group of beagle/pug', 'group of manx/manx', 'group of manx/siamese')
    """
    if method not in METHODS:
        raise TaxonomyError(f"method {method!r} is not known; {suggestion(method, METHODS)}")
    names = tuple(names)
    matrix = _checked(confusion, names)
    order = sorted(range(len(names)), key=names.__getitem__)
    similarities = similarity(matrix[np.ix_(order, order)])
    related = np.flatnonzero(similarities.any(axis=1))
    if not len(related):
        raise TaxonomyError(
            "no class is ever confused with another, so that nothing tells which belong together; "
            "use probabilities instead of counts, or images that were not trained on"
        )
    between = similarities[np.ix_(related, related)]
    chosen = _chosen_levels(between, levels, len(names) - len(related))
    found = np.full((len(chosen), len(names)), -1, dtype=np.int64)
    whole = chosen == (1,)
    found[:, related] = 0 if whole else group(between, chosen, method)
    for class_number in np.flatnonzero(found[0] < 0):  # a group of its own at each level
        found[:, class_number] = found.max(axis=1) + 1
    sorted_names = [names[number] for number in order]
    isolated = tuple(np.array(sorted_names, dtype=object)[~similarities.any(axis=1)])
    tree = tree_of_groups(found, sorted_names, similarities)
    return Discovery(tree, chosen, found[:, np.argsort(order)], isolated)


def share_within(confusion: ArrayLike, groups: Nodes) -> tuple[float, float]:
    """The share of all confusion that stays within groups, and what random groups would keep.

    Of the confusion that the groups were found in, the share is somewhat flattering (20 groups of
    CIFAR-100: 30.0 % on the 2,500 images they were found with, 28.5 % on 10,000 others).

    Args:
        confusion: shape `(n, n)`; the diagonal is ignored.
        groups: a group number for each class, shape `(n,)`.

    Returns:
        The share, and its expectation when the classes are dealt at random into groups of the same
        sizes: the share of all pairs of classes that are within a group.

    >>> share_within([[9, 3, 0], [0, 9, 1], [0, 0, 9]], np.array([0, 0, 1]))
    (0.75, 0.3333333333333333)
    """
    apart = np.array(confusion, dtype=np.float64)
    np.fill_diagonal(apart, 0)
    sizes = np.bincount(groups)
    number = len(groups)
    inside = apart[groups[:, None] == groups].sum() / apart.sum()
    return float(inside), float((sizes * (sizes - 1)).sum() / (number * (number - 1)))


def agreement(groups: Nodes, others: Nodes) -> tuple[float, float]:
    """How well two divisions of the same classes agree: adjusted Rand index and AMI.

    Both are 1 for equal divisions and 0 on average for random ones.

    Source:
        Hubert and Arabie, Comparing partitions, Journal of Classification 1985; Vinh, Epps and
        Bailey, Information theoretic measures for clusterings comparison, JMLR 2010.

    >>> agreement(np.array([0, 0, 1, 1]), np.array([7, 7, 3, 3]))
    (1.0, 1.0)
    """
    from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

    rand = adjusted_rand_score(others, groups)
    return float(rand), float(adjusted_mutual_info_score(others, groups))


def _checked(confusion: ArrayLike, names: Sequence[str]) -> Matrix:
    """The matrix as float64, or what is wrong with it."""
    matrix = np.asarray(confusion, dtype=np.float64)
    if matrix.shape != (len(names), len(names)):
        raise TaxonomyError(
            f"a confusion matrix of shape {matrix.shape} for {len(names)} class names; expected a "
            "row and a column for each class"
        )
    if len(names) < 3:
        raise TaxonomyError(
            f"{len(names)} of 3 classes that grouping takes at least; give a matrix of more classes"
        )
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        raise TaxonomyError(f"class {repeated[0]!r} stands twice; give each class its own name")
    wrong = np.argwhere(~(np.isfinite(matrix) & (matrix >= 0)))
    if len(wrong):
        row, column = wrong[0].tolist()
        raise TaxonomyError(
            f"row {names[row]!r}, column {names[column]!r}: {matrix[row, column]:g}; expected a "
            "count or a probability, at least 0"
        )
    return matrix


def _chosen_levels(
    similarities: Matrix, levels: Sequence[int] | None, alone: int
) -> tuple[int, ...]:
    """The numbers of groups to find among the related classes."""
    number = len(similarities)
    if levels is None:
        return (1,) if number == 2 else (number_of_groups(similarities),)
    chosen = tuple(levels)
    least, most = 1 if alone else 2, number - 1
    outside = [groups for groups in chosen if not least <= groups <= most]
    if outside:
        beside = f" ({alone} more are never confused)" if alone else ""
        raise TaxonomyError(
            f"{outside[0]} groups of {number} classes{beside}; expected {least} to {most}"
        )
    if not chosen or any(fine <= coarse for coarse, fine in pairwise(chosen)):
        right = ",".join(str(groups) for groups in sorted(set(chosen))) or "5,20"
        told = ",".join(str(groups) for groups in chosen) or "none"
        raise TaxonomyError(f"levels {told}; give numbers of groups from coarse to fine: {right}")
    return chosen
