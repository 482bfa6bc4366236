"""What a member answers on its test images, as classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from labeltree.metrics import leaf_answers
from labeltree.runs.results import PREDICTIONS, TAXONOMY
from labeltree.studies.members import TrainedMember
from labeltree.taxonomy import Nodes, Probabilities, Taxonomy, load_taxonomy


@dataclass(frozen=True, eq=False)
class LeafAnswers:
    """The images whose label is a class, and the class that each is answered with.

    Attributes:
        taxonomy: of the member.
        targets: positions among the leaves, shape `(n,)`.
        answers: likewise.
    """

    taxonomy: Taxonomy
    targets: Nodes
    answers: Nodes

    @classmethod
    def of(cls, tree: Taxonomy, probabilities: Probabilities, targets: Nodes) -> Self:
        """From node probabilities; the leaves' own probabilities decide."""
        whole = np.flatnonzero(tree.is_leaf[targets])
        answers = leaf_answers(tree, probabilities[whole])
        return cls(tree, tree.leaf_index[targets[whole]], tree.leaf_index[answers])

    @classmethod
    def of_test(cls, member: TrainedMember) -> Self:
        """Of a member's test images, before any decoding.

        Of very large test splits a run keeps no probabilities but the class that it answers. That
        is after decoding, which changes no best class of a method that is coherent by itself.
        """
        if (alone := _answers_alone(member)) is not None:
            return cls(*alone)
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


def _answers_alone(member: TrainedMember) -> tuple[Taxonomy, Nodes, Nodes] | None:
    """What `predictions.npz` holds where the probabilities were too many; None elsewhere."""
    predictions = member.folder / PREDICTIONS
    if member.keeps_probabilities("test") or not predictions.is_file():
        return None
    with np.load(predictions, allow_pickle=False) as stored:
        if "answers" not in stored:
            return None
        targets, answers = stored["targets"], stored["answers"]
    tree = load_taxonomy(member.folder / TAXONOMY)
    whole = np.flatnonzero(tree.is_leaf[targets])
    return tree, tree.leaf_index[targets[whole]], tree.leaf_index[answers[whole]]
