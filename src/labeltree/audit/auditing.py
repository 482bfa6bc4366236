"""The whole audit of one model on one set of images."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from labeltree.audit.branches import BranchLevel, branch_levels
from labeltree.audit.misfits import FEWEST_IMAGES, Misfits, misfits
from labeltree.audit.pairs import Pairs, confused_both_ways
from labeltree.audit.suspects import Suspects, suspects
from labeltree.errors import DataError
from labeltree.metrics import leaf_answers
from labeltree.taxonomy import Nodes, Probabilities, Taxonomy

_WEAK = 0.5  # share of right answers below which a model is no judge of labels


@dataclass(frozen=True, eq=False)
class Audit:
    """Everything that was found.

    Attributes:
        taxonomy: the tree.
        targets: node numbers, shape `(n,)`.
        answers: the most probable leaf of each image, shape `(n,)`.
        confidences: its probability, shape `(n,)`.
        levels: leakage at every level above the classes.
        pairs: classes that are taken for each other.
        misfits: classes that would fit better under another parent.
        suspects: images whose label looks wrong.
    """

    taxonomy: Taxonomy
    targets: Nodes
    answers: Nodes
    confidences: NDArray[np.floating]
    levels: list[BranchLevel]
    pairs: Pairs
    misfits: Misfits
    suspects: Suspects

    def pictures(self, a: int, b: int, most: int) -> list[int]:
        """Positions of images of two classes that were taken for each other.

        Both directions in turn, as long as both have some, each with the surest first.
        """
        directions = []
        for target, answer in ((a, b), (b, a)):
            found = np.flatnonzero((self.targets == target) & (self.answers == answer))
            surest = found[np.argsort(-self.confidences[found], kind="stable")]
            directions.append(surest.tolist())
        pairs = zip_longest(*directions)
        return [one for pair in pairs for one in pair if one is not None][:most]

    def notes(self) -> list[str]:
        """What could not be found, and what to keep in mind, in sentences."""
        said = []
        right = float(self.taxonomy.is_at_or_below(self.answers, self.targets).mean())
        if right < _WEAK:
            said.append(
                f"The model answers only {100 * right:.0f} % of the images rightly: what it takes "
                "for what says more about the model than about data and tree."
            )
        if not self.levels:
            said.append("The tree has one level: there are no branches that could leak.")
        if not len(self.pairs):
            said.append("No image of a class was answered with another class.")
        if self.levels and not self.misfits.judged:
            said.append(
                f"No class could be compared with other parents: that takes {FEWEST_IMAGES} images "
                "of the class, siblings with images, and another parent with at least two classes."
            )
        return said


def audit(taxonomy: Taxonomy, probabilities: Probabilities, targets: Nodes) -> Audit:
    """Find what to mend in the data or the tree.

    Args:
        taxonomy: the tree.
        probabilities: decoded (coherent and calibrated), shape `(n, num_nodes)`.
        targets: node numbers, shape `(n,)`; inner nodes are known only that deep.

    Raises:
        DataError: no images, or probabilities that are no numbers.
    """
    if not len(targets):
        raise DataError("there are no images to audit; choose another --split or other data")
    if not np.isfinite(probabilities).all():
        raise DataError(
            "the model's probabilities are not finite: its training diverged; train it again with "
            "a lower learning rate"
        )
    answers = leaf_answers(taxonomy, probabilities)
    return Audit(
        taxonomy,
        targets,
        answers,
        probabilities[np.arange(len(targets)), answers],
        branch_levels(taxonomy, answers, targets),
        confused_both_ways(taxonomy, answers, targets),
        misfits(taxonomy, probabilities, targets),
        suspects(taxonomy, probabilities, answers, targets),
    )
