"""Back-off as a staircase: what is answered for each image as the parameter goes up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labeltree.decoding.checks import check_share
from labeltree.errors import DataError
from labeltree.taxonomy import Nodes, Taxonomy


@dataclass(frozen=True, eq=False)
class Staircase:
    """All answers of a back-off rule, for every image and every value of its parameter.

    A higher parameter asks for more certainty. Image i is answered with `nodes[i, 0]` while the
    parameter is at most `until[i, 0]`, then with `nodes[i, 1]` up to `until[i, 1]`, and so on.

    Attributes:
        nodes: shape `(n, steps)`, the most specific answer first; the last is right for all.
        until: shape `(n, steps)`, float64, never falling along a row; the last is infinite.
    """

    nodes: Nodes
    until: NDArray[np.float64]

    def answers(self, parameter: float) -> Nodes:
        """The node answered for each image, shape `(n,)`."""
        step = (self.until < parameter).sum(axis=1)
        return self.nodes[np.arange(len(self.nodes)), step]

    def accuracy_steps(
        self, taxonomy: Taxonomy, targets: Nodes
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Accuracy as an exact function of the parameter, which changes only at known values.

        Returns:
            Parameters in ascending order, the first 0 and the last above all values, and the
            accuracy at each; between two of them it is that of the higher.

        Raises:
            DataError: there are no images.
        """
        if len(targets) == 0:
            raise DataError("back-off is fitted to validation images; got none, give some")
        right = is_right(taxonomy, self.nodes, targets[:, None]).astype(np.int64)
        ends = self.until[:, :-1]
        finite = np.isfinite(ends)
        values, place = np.unique(ends[finite], return_inverse=True)
        gains = np.bincount(place, (right[:, 1:] - right[:, :-1])[finite], len(values))
        # Answers are the same from just above one value up to the next one.
        parameters = np.append(values, 2 * max(1.0, values.max(initial=0)))
        parameters[0] = 0
        counts = right[:, 0].sum() + np.concatenate([[0], np.cumsum(gains)])
        return parameters, counts / len(targets)

    def fit(
        self, taxonomy: Taxonomy, targets: Nodes, target_accuracies: Sequence[float]
    ) -> list[float]:
        """For each target accuracy the lowest parameter that keeps it: the most specific answers.

        The last node of a staircase is right for all, so that there always is one.

        Args:
            taxonomy: the tree.
            targets: node numbers, shape `(n,)`.
            target_accuracies: shares of answers that are to be right (`is_right`), 0 to 1; at 0
                nothing is held back.

        Raises:
            ConfigError: a target accuracy is no share.
            DataError: there are no images.
        """
        parameters, accuracy = self.accuracy_steps(taxonomy, targets)
        for target in target_accuracies:
            check_share(target)
        return [float(parameters[np.argmax(accuracy >= t)]) for t in target_accuracies]


def is_right(taxonomy: Taxonomy, answers: Nodes, targets: Nodes) -> NDArray[np.bool_]:
    """Whether answer and target lie on one path, elementwise (arrays broadcast).

    "dog" is right for a beagle. "beagle" counts as right for an image that is only known to show a
    dog: nothing known speaks against it. Accuracies are therefore upper bounds where many targets
    are inner nodes.
    """
    return taxonomy.is_at_or_below(targets, answers) | taxonomy.is_at_or_below(answers, targets)
