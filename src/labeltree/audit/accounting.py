"""Every wrong answer is either within its category or leaked: the two add up, exactly.

Source: 000, section 2.2.1, tables 3 and 4 (18.28 % = 15.92 % within + 2.36 % between).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labeltree.errors import ConfigError
from labeltree.taxonomy import Nodes, Taxonomy


@dataclass(frozen=True, eq=False)
class Accounting:
    """Counted images, by the category of their label; each of shape `(c,)`.

    Attributes:
        images: all of the category.
        wrong: those answered with another class.
        between: those answered with a class of another category: the leakage.
    """

    images: Nodes
    wrong: Nodes
    between: Nodes

    @property
    def within(self) -> Nodes:
        """Those answered with another class of their own category: `wrong - between`."""
        return self.wrong - self.between

    @property
    def whole(self) -> Accounting:
        """All categories together, each array of shape `(1,)`."""
        parts = (self.images, self.wrong, self.between)
        return Accounting(*(part.sum(keepdims=True) for part in parts))

    def share(self, counts: Nodes) -> NDArray[np.float64]:
        """`wrong`, `within` or `between` as a share of the images; NaN where there are none."""
        with np.errstate(invalid="ignore"):
            return counts / self.images


def account(taxonomy: Taxonomy, answers: Nodes, targets: Nodes, depth: int) -> Accounting:
    """The accounting of the categories `taxonomy.cut(depth)`, without any table of confusions.

    An image labelled with an inner node is wrong if its answer lies outside that label; it is left
    out if its label is above the categories.

    Args:
        taxonomy: the tree.
        answers: leaves, shape `(n,)`.
        targets: node numbers, shape `(n,)`.
        depth: 1 for the branches below the root.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> found = account(tree, answers=np.array([1, 4, 1]), targets=np.array([1, 3, 4]), depth=1)
    >>> found.images.tolist(), found.within.tolist(), found.between.tolist()
    ([1, 2], [0, 1], [0, 1])
    """
    counted = taxonomy.reaches_cut(targets, depth)
    true, told = targets[counted], answers[counted]
    wrong = ~taxonomy.is_at_or_below(told, true)
    homes = taxonomy.ancestor_at(true, depth)
    between = homes != taxonomy.ancestor_at(told, depth)
    nodes = taxonomy.cut(depth)

    def count(chosen: Nodes) -> Nodes:
        return np.bincount(chosen, minlength=taxonomy.num_nodes)[nodes]

    return Accounting(count(homes), count(homes[wrong]), count(homes[between]))


def account_confusion(counts: ArrayLike, groups: ArrayLike) -> Accounting:
    """The accounting of a confusion matrix whose classes fall into groups.

    Args:
        counts: images by class of the label (rows) and of the answer, shape `(k, k)`.
        groups: the category of each class, numbered from 0, shape `(k,)`.

    Raises:
        ConfigError: the matrix is not square, or the groups do not fit it.

    >>> found = account_confusion([[8, 1, 1], [2, 8, 0], [0, 0, 10]], groups=[0, 0, 1])
    >>> found.wrong.tolist(), found.within.tolist(), found.between.tolist()
    ([4, 0], [3, 0], [1, 0])
    """
    table, numbers = _checked(counts, groups)
    merged = merge_confusion(table, numbers)
    images = merged.sum(axis=1)
    right = np.zeros(len(merged), dtype=np.int64)
    np.add.at(right, numbers, np.diagonal(table))
    return Accounting(images, images - right, images - np.diagonal(merged))


def merge_confusion(counts: ArrayLike, groups: ArrayLike) -> Nodes:
    """Merge the classes of each category of a confusion matrix into one superclass.

    Args:
        counts: images by class of the label (rows) and of the answer, shape `(k, k)`.
        groups: the category of each class, numbered from 0, shape `(k,)`.

    Returns:
        Images by category of the label and of the answer, shape `(c, c)`.

    Raises:
        ConfigError: the matrix is not square, or the groups do not fit it.

    >>> merge_confusion([[8, 1, 1], [2, 8, 0], [0, 0, 10]], groups=[0, 0, 1]).tolist()
    [[19, 1], [0, 10]]
    """
    table, numbers = _checked(counts, groups)
    size = int(numbers.max(initial=-1)) + 1
    merged = np.zeros((size, size), dtype=np.int64)
    np.add.at(merged, (numbers[:, None], numbers[None, :]), table)
    return merged


def benefited(shared_error: float, separate_error: float, leakage: float) -> float:
    """The paper's arithmetic for the share of images that gained by being learned together.

    Leakage is what sharing one network cost; what its error does not show of that was won back.
    It is too large where leaked images would have been wrong in a network of their category, too.

    Args:
        shared_error: of one network for all categories.
        separate_error: of a network for each category, that category being given.
        leakage: of the shared network.

    >>> round(benefited(18.28, 17.18, 2.36), 2)  # the paper's
    1.26
    """
    return leakage - (shared_error - separate_error)


def _checked(counts: ArrayLike, groups: ArrayLike) -> tuple[Nodes, Nodes]:
    table, numbers = np.asarray(counts), np.asarray(groups)
    if table.ndim != 2 or table.shape[0] != table.shape[1] or numbers.shape != table.shape[:1]:
        raise ConfigError(
            f"a confusion matrix of shape {table.shape} with groups of shape {numbers.shape}: "
            "expected (k, k) and (k,), one group for each class"
        )
    whole = table.astype(np.int64), numbers.astype(np.int64)
    if (whole[0] != table).any() or (whole[1] != numbers).any() or (numbers < 0).any():
        raise ConfigError(
            "a confusion matrix holds whole numbers of images, and groups are numbered from 0; "
            "got fractions or a group below 0"
        )
    return whole
