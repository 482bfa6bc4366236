"""Images with combined labels, made from images that have one: two of different classes blended.

Where no images of real combinations (puggles) are at hand, blends stand in for them: mixup (Zhang
et al., "mixup: beyond empirical risk minimization", 2018) with λ = 1/2, both labels being present.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from labeltree.data.collection import Collection
from labeltree.data.images import ArrayImages
from labeltree.errors import DataError
from labeltree.taxonomy.arrays import Nodes
from labeltree.taxonomy.label_sets import NONE
from labeltree.taxonomy.tree import Taxonomy


def draw_pairs(taxonomy: Taxonomy, leaves: Nodes, number: int, rng: np.random.Generator) -> Nodes:
    """Which classes to combine: each in at most one pair.

    Half of the pairs (rounded down) are siblings, of different parents while these last; the
    others are of two parents. Where classes of one kind run out, there are more of the other.

    Args:
        taxonomy: the label tree.
        leaves: the classes to choose from.
        number: of pairs.
        rng: the only source of chance.

    Returns:
        Node numbers, shape `(number, 2)`, ascending within each pair and from pair to pair.

    Raises:
        DataError: no pair, or more than the classes allow.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> draw_pairs(tree, np.array([3, 4]), 1, np.random.default_rng(0)).tolist()
    [[3, 4]]
    """
    if not 1 <= number <= len(leaves) // 2:
        raise DataError(
            f"{number} pairs of {len(leaves)} classes asked for, each class in one at most; "
            f"expected 1 to {len(leaves) // 2}"
        )
    families: dict[int, list[int]] = {}
    for leaf in rng.permutation(leaves).tolist():
        families.setdefault(int(taxonomy.parents[leaf]), []).append(leaf)
    largest_first = [*families.values(), []]
    pairs: list[list[int]] = []
    while len(pairs) < number:
        largest_first.sort(key=len, reverse=True)
        first, second = largest_first[:2]
        siblings = not second or (len(pairs) < number // 2 and len(first) > 1)
        pairs.append(sorted((first.pop(), (first if siblings else second).pop())))
    return np.array(sorted(pairs), dtype=np.int64)


def hold_back(part: Collection, reserve: int) -> tuple[Collection, Collection]:
    """All but the last `reserve` images of each node, and these.

    Args:
        part: images of which each has one label.
        reserve: how many of each node, in the order in which they stand.

    Raises:
        DataError: `reserve` is negative, or a node has no more images than that.
    """
    order = np.argsort(part.targets, kind="stable")
    nodes, sizes = np.unique(part.targets, return_counts=True)
    if reserve < 0 or (sizes <= reserve).any():
        fewest = int(sizes.argmin())
        raise DataError(
            f"reserve is {reserve}, and {part.taxonomy.paths[nodes[fewest]]!r} has "
            f"{sizes[fewest]} training images; expected 0 to {sizes[fewest] - 1}"
        )
    to_go = np.repeat(np.cumsum(sizes), sizes) - np.arange(len(part))  # 1 for the last of a node
    held = np.zeros(len(part), dtype=np.bool_)
    held[order] = to_go <= reserve
    return part.subset(np.flatnonzero(~held)), part.subset(np.flatnonzero(held))


def blends(
    part: Collection, pairs: Nodes, each: int, rng: np.random.Generator, label: str
) -> Collection:
    """Images that show two classes each; no image is in two of them.

    Args:
        part: decoded images of one size, of which each has one label.
        pairs: nodes, shape `(p, 2)`, ascending within each pair, none twice.
        each: images of each pair.
        rng: the only source of chance: which image is blended with which.
        label: what to call the blends in messages.

    Returns:
        `p * each` images, pair after pair, with label sets.

    Raises:
        DataError: `each` is below 1, or more than a class has images.
    """
    assert isinstance(part.images, ArrayImages)
    drawn = np.empty((2, len(pairs), each if each > 0 else 0), dtype=np.int64)
    for (row, column), node in np.ndenumerate(pairs):
        there = np.flatnonzero(part.targets == node)
        if not 1 <= each <= len(there):
            raise DataError(
                f"{each} {label}s of each pair asked for, and {part.taxonomy.paths[node]!r} has "
                f"{len(there)} images for them; expected 1 to {len(there)}"
            )
        drawn[column, row] = rng.permutation(there)[:each]
    first, second = (part.images.array[rows.reshape(-1)] for rows in drawn)
    images = ArrayImages(blend(first, second), label)
    return Collection.combined(part.taxonomy, images, np.repeat(pairs, each, axis=0))


def blend(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The mean of two images (arrays of them) of equal shapes; halves are rounded up.

    >>> blend(np.array([0, 10, 255], np.uint8), np.array([255, 20, 255], np.uint8)).tolist()
    [128, 15, 255]
    """
    return ((first.astype(np.uint16) + second + 1) // 2).astype(np.uint8)


def in_front(originals: Collection, combined: Collection, label: str) -> Collection:
    """Images with one label each, then images with combined labels, of the same size.

    Args:
        originals: `n` decoded images over the same tree.
        combined: `m` decoded images with label sets.
        label: what to call the `n + m` images in messages.
    """
    assert isinstance(originals.images, ArrayImages)
    assert isinstance(combined.images, ArrayImages)
    assert combined.sets is not None
    sets = np.full((len(originals), combined.sets.shape[1]), NONE)
    sets[:, 0] = originals.targets
    return Collection.combined(
        combined.taxonomy,
        ArrayImages(np.concatenate([originals.images.array, combined.images.array]), label),
        np.concatenate([sets, combined.sets]),
    )
