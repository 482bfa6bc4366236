"""Classes that would fit better under another parent.

The affinity of a class to a group of classes is the mean probability that its images are one of
them and theirs are it, **per class**: otherwise large branches would win by their size alone.
Probabilities and not answers, since rightly answered images, too, tell what they resemble.

A single twin elsewhere (a whale and a shark) is a confused pair and no reason to move, so the
class of the other group that a class resembles most is left out. For the same reason a parent of
one class attracts nobody, and the true neighbours of a misplaced class, which resemble nothing
else where it now is, stay where they are.

Measured on two networks with 58 % top-1 on CIFAR-100 by putting one class under a wrong superclass
in the tree, 30 times: it was found 23 and 22 times (14 and 11 times with its own superclass as the
better one, else with another that it resembles), and nearly alone: 5 and 2 other classes in all
30 trials. In the tree as it is they find streetcar (with vehicles 2, better vehicles 1), tractor,
fox (large carnivores), bear, spider (insects), rocket and mushroom.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from labeltree.significance import holm
from labeltree.taxonomy import Nodes, Probabilities, Taxonomy

FEWEST_IMAGES = 10
"""Classes with fewer images are not judged."""

LEVEL = 0.05
"""The probability, at most, that any of the classes found is found by chance."""

LEAST_GAIN = 1.5
"""How many times its affinity to its siblings a class must have to others: worth moving it for."""

_MOST_PICTURES = 6


class Misfit(NamedTuple):
    """A class and the parent under which it would fit better.

    Attributes:
        leaf: node number.
        better_parent: node number; as deep as the leaf's own parent.
        own_affinity: to the other classes of its parent.
        other_affinity: to the classes of the better parent without the most similar one.
        p_value: how likely it is that so many of its images lean to the other classes if each were
            as likely to lean to its siblings.
        p_corrected: the same, for all parents and classes that were compared.
        images: of the class.
        pictures: positions of those that lean most, at most 6.
    """

    leaf: int
    better_parent: int
    own_affinity: float
    other_affinity: float
    p_value: float
    p_corrected: float
    images: int
    pictures: tuple[int, ...]


class Misfits(NamedTuple):
    """What was found, and among how many.

    Attributes:
        found: the most certain first.
        judged: number of classes that could be compared.
    """

    found: list[Misfit]
    judged: int


def misfits(
    taxonomy: Taxonomy,
    probabilities: Probabilities,
    targets: Nodes,
    fewest_images: int = FEWEST_IMAGES,
    level: float = LEVEL,
) -> Misfits:
    """Classes whose images resemble the classes of another parent more than their siblings.

    Each class is compared with the parent, at the depth of its own, to whose classes it has the
    most affinity. The test is the sign test (exact, one-sided): does an image of the class give
    more probability, per class, to these than to its siblings? p-values are multiplied by the
    number of parents that there were to choose from (Bonferroni), then corrected by Holm for all
    judged classes.

    Siblings are all other leaves below the parent. Not judged are classes directly below the root,
    only children, classes with few images or whose siblings have none, and those for which there
    is no other parent of at least two classes. Images labelled with an inner node are left out.
    By looks, that is: whether a streetcar belongs to the trains is for people to decide.

    Args:
        taxonomy: the tree.
        probabilities: coherent, shape `(n, num_nodes)`.
        targets: node numbers, shape `(n,)`.
        fewest_images: a class with fewer is not judged.
        level: largest corrected p-value that counts.
    """
    order = np.argsort(targets, kind="stable")
    classes, starts, counts = np.unique(targets[order], return_index=True, return_counts=True)
    levels: dict[int, _Level] = {}
    compared: list[Misfit] = []
    for leaf, start, count in zip(*(x.tolist() for x in (classes, starts, counts)), strict=True):
        depth = int(taxonomy.depths[leaf]) - 1
        if not taxonomy.is_leaf[leaf] or depth < 1 or count < fewest_images:
            continue
        if depth not in levels:
            levels[depth] = _Level(taxonomy, targets, depth)
        images = order[start : start + count]
        found = _compare(taxonomy, probabilities, targets, levels[depth], leaf, images)
        if found is not None:
            compared.append(found)
    corrected = holm([one.p_corrected for one in compared])
    found_all = [
        one._replace(p_corrected=p)
        for one, p in zip(compared, corrected, strict=True)
        if p is not None and p <= level
    ]
    return Misfits(sorted(found_all, key=lambda one: one.p_value), len(compared))


class _Level:
    """What all classes whose parents are at one depth share.

    Attributes:
        parents: nodes at the depth with at least two leaves below, shape `(c,)`.
        sizes: their number of leaves, shape `(c,)`.
        of_leaf: the ancestor of each leaf at the depth, shape `(num_leaves,)`.
        of_image: the ancestor of each image's label; the root, which is no parent here, if the
            label is no leaf; shape `(n,)`.
    """

    def __init__(self, taxonomy: Taxonomy, targets: Nodes, depth: int) -> None:
        level = taxonomy.level(depth)
        self.parents: Nodes = level.start + np.flatnonzero(taxonomy.leaf_counts[level] > 1)
        self.sizes: Nodes = taxonomy.leaf_counts[self.parents]
        self.of_leaf = taxonomy.ancestor_at(taxonomy.leaves, depth)
        self.of_image: Nodes = np.where(
            taxonomy.is_leaf[targets], taxonomy.ancestor_at(targets, depth), 0
        )


def _compare(
    taxonomy: Taxonomy,
    probabilities: Probabilities,
    targets: Nodes,
    level: _Level,
    leaf: int,
    images: Nodes,
) -> Misfit | None:
    """Compare one class with the best other parent; its p-value is corrected for the choice."""
    own = taxonomy.parents[leaf]
    at_home = level.parents == own
    rows = probabilities[images]
    twins = _most_similar(taxonomy, level, rows.mean(axis=0), leaf)

    # From the images of the class: shape (images, parents).
    towards = rows[:, level.parents] - np.where(at_home, rows[:, [leaf]], rows[:, twins])
    towards /= level.sizes - 1
    # From the images of the others.
    others = targets != leaf
    for_twin = np.zeros(taxonomy.num_nodes, dtype=bool)
    for_twin[twins[~at_home]] = True
    others &= ~for_twin[targets]
    homes = level.of_image[others]
    given = np.bincount(homes, weights=probabilities[others, leaf], minlength=taxonomy.num_nodes)
    counts = np.bincount(homes, minlength=taxonomy.num_nodes)[level.parents]
    able = counts > 0
    if not able[at_home].any() or able.sum() < 2:
        return None
    back = given[level.parents] / np.maximum(counts, 1)
    affinity = np.where(able, (towards.mean(axis=0) + back) / 2, -1.0)
    best = int(np.where(at_home, -1.0, affinity).argmax())
    home = int(np.flatnonzero(at_home)[0])
    p_value = 1.0
    if affinity[best] >= LEAST_GAIN * affinity[home]:
        p_value = _sign_test(towards[:, best] - towards[:, home])
    leaning = images[np.argsort(-rows[:, level.parents[best]], kind="stable")]
    return Misfit(
        leaf=leaf,
        better_parent=int(level.parents[best]),
        own_affinity=float(affinity[home]),
        other_affinity=float(affinity[best]),
        p_value=p_value,
        p_corrected=min(1.0, p_value * int(able.sum() - 1)),
        images=len(images),
        pictures=tuple(leaning[:_MOST_PICTURES].tolist()),
    )


def _most_similar(
    taxonomy: Taxonomy, level: _Level, means: NDArray[np.floating], leaf: int
) -> Nodes:
    """Of each parent the leaf that the images of `leaf` give the most probability."""
    order = np.argsort(means[taxonomy.leaves], kind="stable")
    order = order[taxonomy.leaves[order] != leaf]
    last = np.zeros(taxonomy.num_nodes, dtype=np.int64)
    last[level.of_leaf[order]] = taxonomy.leaves[order]  # the last one written is the largest
    return last[level.parents]


def _sign_test(differences: NDArray[np.floating]) -> float:
    """How likely it is that so many differences are positive if half of them should be."""
    from scipy.special import bdtrc

    above, below = int((differences > 0).sum()), int((differences < 0).sum())
    return float(bdtrc(above - 1, above + below, 0.5)) if above else 1.0
