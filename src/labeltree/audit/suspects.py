"""Images whose label looks wrong: the model's answer is far more probable than the label.

The rule is one of odds: a suspect's answer lies outside its label and is at least a hundred times
as probable. Suspects are ranked by these odds. Confident learning (Northcutt, Jiang, Chuang 2021),
which asks of the answer to reach the mean probability of its class and ranks by the difference of
the two probabilities, finds less. Measured on a network with 58 % top-1 on CIFAR-100, 5 % of the
labels of its 10,000 test images replaced by any class (by a class of the same superclass):

| rule | found | of these replaced | of the replaced found | average precision |
|---|---|---|---|---|
| odds ≥ 100 | 763 (560) | 57 % (41 %) | 88 % (57 %) | 0.87 (0.51) |
| confident learning | 2,414 | 14 % | 67 % | 0.34 (0.29) |
| both | 517 (377) | 59 % (44 %) | 62 % (42 %) | 0.63 (0.40) |

The other suspects are mistakes of the network, and labels that were wrong before.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from labeltree.taxonomy import Nodes, Probabilities, Taxonomy

ODDS = 100.0
"""How many times as probable as the label an answer must be."""


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
    >>> p = tree.roll_up(np.array([[0.004, 0.001, 0.995], [0.3, 0.01, 0.69]]))
    >>> found = suspects(tree, p, answers=np.array([4, 4]), targets=np.array([3, 3]))
    >>> found.images.tolist(), [tree.paths[answer] for answer in found.answers]
    ([0], ['dog/pug'])
    """
    rows = np.arange(len(targets))
    told, said = probabilities[rows, answers], probabilities[rows, targets]
    chosen = np.flatnonzero(~taxonomy.is_at_or_below(answers, targets) & (told >= odds * said))
    with np.errstate(divide="ignore"):
        odds_found = told[chosen] / said[chosen]  # infinite where the label has probability 0
    chosen = chosen[np.lexsort((-told[chosen], -odds_found))]
    label, answer = targets[chosen], answers[chosen]
    meet = taxonomy.lowest_common_ancestor(label, answer)
    return Suspects(chosen, label, answer, told[chosen], said[chosen], taxonomy.depths[meet] + 1)
