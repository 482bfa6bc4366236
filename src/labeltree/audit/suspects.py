"""Images whose label looks wrong: the model contradicts it with confidence.

Confident learning (Northcutt, Jiang, Chuang 2021, "Confident Learning: Estimating Uncertainty in
Dataset Labels", section 3): a network is surer of some classes than of others, so each class has
its own threshold, the mean probability that the images labelled with it get for it. An image is
suspect if its answer is another class and reaches that class's threshold; suspects are ranked by
margin, the probability of the answer minus that of the label. Beyond that, the answer must be far
more probable than the label, since in a weak network a fifth of all images pass the first test.

Measured on a network with 58 % top-1 on CIFAR-100, 5 % of the labels of the 10,000 test images
replaced by any class (by a class of the same superclass): 1,138 (1,031) suspects, with 68 % (58 %)
of the replaced among them, and 72 (64) of the first 100; 803 where nothing was replaced. On five
classes with 95 % top-1 there were 23 suspects, with 89 % of the replaced, 3 where nothing was.

Ranking by odds instead of the margin is better at finding labels that were drawn at random, and
worse at what audits are for: people mistake one class for a similar one. Of the first 48 suspects
of CIFAR-100's test images, some 20 by margin looked mislabelled or ambiguous (a goldfish as
"trout", a house as "castle", roses as "tulip"), some 6 by odds. The margin was chosen by looking at
these same images, and by one kind of network: on other data it may do less well.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from labeltree.taxonomy import Nodes, Probabilities, Taxonomy

ODDS = 10.0
"""How many times as probable as the label an answer must be."""

_PRIOR = 5.0  # images with the mean threshold that count in that of each class


class Suspects(NamedTuple):
    """Images whose label looks wrong, the surest first; each of shape `(suspects,)`.

    Attributes:
        images: positions.
        labels: node numbers.
        answers: leaves that are far more probable.
        confidences: the probability of the answer.
        label_probabilities: the probability of the label.
        parted_at: the depth at which label and answer part.
    """

    images: Nodes
    labels: Nodes
    answers: Nodes
    confidences: NDArray[np.floating]
    label_probabilities: NDArray[np.floating]
    parted_at: Nodes


def suspects(
    taxonomy: Taxonomy,
    probabilities: Probabilities,
    answers: Nodes,
    targets: Nodes,
    odds: float = ODDS,
) -> Suspects:
    """Find labels that the model contradicts.

    An image labelled with an inner node is suspect only if the answer lies outside of it.

    Args:
        taxonomy: the tree.
        probabilities: coherent and calibrated, shape `(n, num_nodes)`.
        answers: the most probable leaves, shape `(n,)`.
        targets: node numbers, shape `(n,)`.
        odds: least probability of the answer over that of the label.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> p = tree.roll_up(np.array([[0.01, 0.01, 0.98], [0.3, 0.2, 0.5], [0.1, 0.2, 0.7]]))
    >>> found = suspects(tree, p, answers=np.array([4, 4, 4]), targets=np.array([3, 3, 4]))
    >>> found.images.tolist(), [tree.paths[answer] for answer in found.answers]
    ([0], ['dog/pug'])
    """
    rows = np.arange(len(targets))
    told, said = probabilities[rows, answers], probabilities[rows, targets]
    sure = told >= thresholds(taxonomy, probabilities, targets)[answers]
    outside = ~taxonomy.is_at_or_below(answers, targets)
    chosen = np.flatnonzero(outside & sure & (told >= odds * said))
    chosen = chosen[np.argsort(said[chosen] - told[chosen], kind="stable")]
    label, answer = targets[chosen], answers[chosen]
    meet = taxonomy.lowest_common_ancestor(label, answer)
    return Suspects(chosen, label, answer, told[chosen], said[chosen], taxonomy.depths[meet] + 1)


def thresholds(
    taxonomy: Taxonomy, probabilities: Probabilities, targets: Nodes
) -> NDArray[np.float64]:
    """How probable a class must be to be believed: as much as it is for its own images, on average.

    Classes with few images borrow from the others: the mean of all counts as five more images of
    each, so that a single wrong label cannot set a threshold.

    Returns:
        Shape `(num_nodes,)`; only those of leaves mean something.
    """
    at_leaf = np.flatnonzero(taxonomy.is_leaf[targets])
    own = probabilities[at_leaf, targets[at_leaf]]
    mean = own.mean(dtype=np.float64) if len(own) else 1.0  # without any labelled class, nothing is
    size = taxonomy.num_nodes
    sums = np.bincount(targets[at_leaf], weights=own, minlength=size)
    counts = np.bincount(targets[at_leaf], minlength=size)
    result: NDArray[np.float64] = (sums + _PRIOR * mean) / (counts + _PRIOR)
    return result
