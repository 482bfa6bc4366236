"""The mistakes at and below each label, and what its images were taken for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from labeltree.metrics import count_pairs, node_errors, wilson_interval
from labeltree.reports.run.predictions import Predictions
from labeltree.reports.words import node_labels, shorten
from labeltree.taxonomy import Nodes, Taxonomy


class Mistakes:
    """Images per node and how many of them were missed: answered outside of it.

    Only kinds of confusion that occur are kept: a tree of any size costs no more than its mistakes.

    Attributes:
        taxonomy: the label tree.
        labels: what to call each node.
        images: images whose target is at or below each node, shape `(num_nodes,)`.
        missed: those of them whose answer is not, shape `(num_nodes,)`.
        shares: `missed / images`, NaN where there is no image.
    """

    def __init__(self, predictions: Predictions) -> None:
        self.taxonomy = tree = predictions.taxonomy
        self.labels = node_labels(tree)
        errors = node_errors(tree, predictions.answers, predictions.targets)
        self.images, self.missed, self.shares = errors.images, errors.missed, errors.missed_share
        levels = [_confusions_at(predictions, tree, depth) for depth in range(1, tree.depth + 1)]
        pairs = count_pairs(tree, *map(np.concatenate, zip(*levels, strict=True)))
        order = np.argsort(pairs.targets, kind="stable")  # of each target the most frequent first
        self._truths, self._answers, self._times = (part[order] for part in pairs)

    def taken_for(self, node: int, most: int = 3) -> list[tuple[int, int]]:
        """What the missed images of a node were taken for, with how many, the most frequent first.

        Answers are at the depth of the node, or leaves above it.
        """
        first, last = np.searchsorted(self._truths, [node, node + 1]).tolist()
        here = slice(first, min(last, first + most))
        return list(zip(self._answers[here].tolist(), self._times[here].tolist(), strict=True))

    def taken_for_text(self, node: int) -> str:
        """`taken_for` in words; empty if nothing was missed."""
        found = self.taken_for(node)
        return ", ".join(f"{shorten(self.labels[answer])} ({times})" for answer, times in found)

    def worst_first(self) -> Nodes:
        """Nodes with images, but the root, by how often they are surely missed.

        Ordered by the lower end of the 95 % interval: one missed image of one proves little.
        """
        nodes = 1 + np.flatnonzero(self.images[1:] > 0)
        pairs = zip(self.missed[nodes].tolist(), self.images[nodes].tolist(), strict=True)
        surely: NDArray[np.float64] = np.array([wilson_interval(*pair)[0] for pair in pairs])
        return nodes[np.argsort(-surely, kind="stable")]


def _confusions_at(predictions: Predictions, tree: Taxonomy, depth: int) -> tuple[Nodes, Nodes]:
    """Answers and truths of the images whose two differ among the nodes at `depth`."""
    here = tree.depths[predictions.targets] >= depth
    truths = tree.ancestor_at(predictions.targets[here], depth)
    answers = tree.ancestor_at(predictions.answers[here], depth)
    apart = truths != answers
    return answers[apart], truths[apart]
