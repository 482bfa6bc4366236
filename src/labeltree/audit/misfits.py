"""Classes that would fit better under another parent.

Does an image of the class give more probability, per class, to the classes of another parent than
to its siblings? `labeltree.audit.affinity` compares, here it is judged.

Measured on two networks with 58 % top-1 on CIFAR-100 by putting one class under a wrong superclass
in the tree, 30 times: it was found 23 and 22 times (14 and 11 times with its own superclass as the
better one, else with another that it resembles), and nearly alone: 5 and 2 other classes in all
30 trials. In the tree as it is they find streetcar (with vehicles 2, better vehicles 1), tractor,
fox (large carnivores), bear, spider (insects), rocket and mushroom. The comparison by probabilities
and the least gain were chosen by looking at these same test images, and both networks are of one
kind: on other data it may find fewer.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from labeltree.audit.affinity import Comparison, ParentLevel, compare
from labeltree.audit.classes import Classes
from labeltree.significance import holm
from labeltree.taxonomy import Nodes, Probabilities, Taxonomy

FEWEST_IMAGES = 10
"""Classes with fewer images are not judged."""

LEVEL = 0.05
"""The probability, at most, that any of the classes found is found by chance."""

LEAST_GAIN = 1.5
"""How many times its affinity to its siblings a class must have to others: worth moving it for."""

_MOST_PICTURES = 6  # as the docstring of Misfit says


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
    classes = Classes(taxonomy, probabilities, targets, fewest_images)
    levels: dict[int, ParentLevel] = {}
    compared: list[Misfit] = []
    for number, position in enumerate(classes.judged.tolist()):
        leaf = int(classes.leaves[position])
        depth = int(taxonomy.depths[leaf]) - 1
        if depth not in levels:
            levels[depth] = ParentLevel(taxonomy, depth)
        found = compare(probabilities, classes, number, levels[depth])
        if found is not None:
            compared.append(_judge(probabilities, leaf, classes.images[position], found))
    corrected = holm([one.p_corrected for one in compared])
    found_all = [
        one._replace(p_corrected=p)
        for one, p in zip(compared, corrected, strict=True)
        if p is not None and p <= level
    ]
    return Misfits(sorted(found_all, key=lambda one: one.p_value), len(compared))


def _judge(probabilities: Probabilities, leaf: int, images: Nodes, found: Comparison) -> Misfit:
    """Test one class; its p-value is corrected for the choice among parents only."""
    p_value = 1.0
    if found.other_affinity >= LEAST_GAIN * found.own_affinity:
        p_value = _sign_test(found.leaning)
    order = np.argsort(-probabilities[images, found.parent], kind="stable")
    return Misfit(
        leaf=leaf,
        better_parent=found.parent,
        own_affinity=found.own_affinity,
        other_affinity=found.other_affinity,
        p_value=p_value,
        p_corrected=min(1.0, p_value * found.rivals),
        images=len(images),
        pictures=tuple(images[order[:_MOST_PICTURES]].tolist()),
    )


def _sign_test(differences: NDArray[np.floating]) -> float:
    """How likely it is that so many differences are positive if half of them should be."""
    from scipy.special import bdtrc

    above, below = int((differences > 0).sum()), int((differences < 0).sum())
    return float(bdtrc(above - 1, above + below, 0.5)) if above else 1.0
