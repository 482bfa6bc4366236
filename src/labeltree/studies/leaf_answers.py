"""What a member answers on its test images, as classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from labeltree.metrics import leaf_answers
from labeltree.studies.members import TrainedMember
from labeltree.taxonomy import Nodes, Probabilities, Taxonomy


@dataclass(frozen=True, eq=False)
class LeafAnswers:
    """The images whose label is a class, and the class that each is answered with.

    Attributes:
        taxonomy: of the member.
        targets: positions among the leaves, shape `(n,)`.
        answers: likewise.
        probabilities: of the leaves, shape `(n, num_leaves)`.
    """

    taxonomy: Taxonomy
    targets: Nodes
    answers: Nodes
    probabilities: Probabilities

    @classmethod
    def of(cls, tree: Taxonomy, probabilities: Probabilities, targets: Nodes) -> Self:
        """From node probabilities; the leaves' own probabilities decide."""
        whole = np.flatnonzero(tree.is_leaf[targets])
        p = probabilities[whole]
        answers = tree.leaf_index[leaf_answers(tree, p)]
        return cls(tree, tree.leaf_index[targets[whole]], answers, p[:, tree.leaves])

    @classmethod
    def of_test(cls, member: TrainedMember) -> Self:
        """Of a member's test images, before any decoding."""
        found = member.probabilities("test")
        assert found.targets is not None  # checked when they are read
        return cls.of(found.taxonomy, found.probabilities, found.targets)

    @property
    def error(self) -> float:
        """Share of images answered with another class."""
        return float((self.answers != self.targets).mean())

    @property
    def class_errors(self) -> NDArray[np.float64]:
        """The same for the images of each class, shape `(num_leaves,)`."""
        images = np.bincount(self.targets, minlength=self.taxonomy.num_leaves)
        wrong = np.bincount(self.targets[self.answers != self.targets], minlength=len(images))
        with np.errstate(invalid="ignore"):
            return wrong / images
