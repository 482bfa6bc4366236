"""The answers of a run in the labels of another: probabilities are summed where classes merge."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from labeltree.errors import TaxonomyError
from labeltree.metrics import top_k_accuracy
from labeltree.reports.run.predictions import Floats, Predictions
from labeltree.taxonomy import Nodes, Taxonomy

NOWHERE = -1


@dataclass(frozen=True, eq=False)
class Mapping:
    """From the nodes of one tree to those of another.

    Attributes:
        source: the tree of the run.
        goal: the other one.
        leaves: the leaf of `goal` that each leaf of `source` is, `(source.num_leaves,)`; every
            leaf of `goal` is met.
    """

    source: Taxonomy
    goal: Taxonomy
    leaves: Nodes

    @cached_property
    def nodes(self) -> Nodes:
        """The node of `goal` with exactly the leaves that each node stands for; -1 if none has.

        Shape `(source.num_nodes,)`, in time proportional to nodes times depth.

        >>> pets = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
        >>> flat = Taxonomy.from_paths(["a pug", "a beagle", "a cat"])
        >>> Mapping(pets, flat, np.array([3, 2, 1])).nodes.tolist()  # nothing there is "a dog"
        [0, 3, -1, 2, 1]
        """
        # What a set of leaves has in common is what its first and last in depth-first order have.
        order = sorted(self.goal.leaves.tolist(), key=lambda leaf: self.goal.path_to(leaf))
        rank = np.zeros(self.goal.num_nodes)
        rank[order] = np.arange(len(order))
        ranks = rank[self.leaves][None]
        last = self.source.roll_up_max(ranks)[0].astype(np.int64)
        first = -self.source.roll_up_max(-ranks)[0].astype(np.int64)
        leaf_at = np.array(order, dtype=np.int64)
        meet = self.goal.lowest_common_ancestor(leaf_at[first], leaf_at[last])
        whole = self._different_leaves() == self.goal.leaf_counts[meet]
        nodes: Nodes = np.where(whole, meet, NOWHERE)
        return nodes

    def _different_leaves(self) -> Nodes:
        """How many leaves of `goal` those below each node are."""
        depths = range(self.source.depth + 1)
        above = [self.source.ancestor_at(self.source.leaves, depth) for depth in depths]
        leaves, size = np.tile(self.leaves, len(above)), self.goal.num_nodes
        pairs = np.unique(np.concatenate(above) * size + leaves)
        return np.bincount(pairs // size, minlength=self.source.num_nodes)

    def probabilities(self, values: Floats) -> Floats:
        """Node probabilities in `goal`, `(n, goal.num_nodes)`, from those in `source`."""
        places = self.goal.leaf_index[self.leaves]
        order = np.argsort(places, kind="stable")
        starts = np.searchsorted(places[order], np.arange(self.goal.num_leaves))
        leaves = values[:, self.source.leaves[order]]
        return self.goal.roll_up(np.add.reduceat(leaves, starts, axis=1))

    def targets(self, targets: Nodes) -> Nodes:
        """True nodes in `goal`.

        Raises:
            TaxonomyError: one that is no node there.
        """
        found: Nodes = self.nodes[targets]
        lost = np.unique(targets[found == NOWHERE])
        if len(lost):
            images = int((found == NOWHERE).sum())
            raise TaxonomyError(
                f"--map: {images:,} test images are labelled {self.source.paths[lost[0]]!r}, whose "
                "classes, mapped, are no whole branch of the first run's labels; map them to one, "
                "or add --apart in place of --map"
            )
        return found

    def predictions(self, found: Predictions, values: Floats | None) -> Predictions:
        """Targets, answers and confidences in `goal`.

        Args:
            found: in `source`.
            values: the node probabilities; without them each answer is mapped as it is, with its
                own confidence.
        """
        targets = self.targets(found.targets)
        if values is None:
            return Predictions(self.goal, targets, self.nodes[found.answers], found.confidences)
        return Predictions.of(self.goal, targets, self.probabilities(values))

    def top5(self, predictions: Predictions, values: Floats) -> float | None:
        """Share of images whose label in `goal` is among the five most probable leaves there."""
        shares = top_k_accuracy(self.goal, self.probabilities(values), predictions.targets, k=5)
        return None if np.isnan(shares[-1]) else shares[-1]


def in_order_of(found: Predictions, goal: Taxonomy) -> Predictions:
    """The same answers with the numbers that `goal` gives to the same paths."""
    number = np.array([goal.find(path) for path in found.taxonomy.paths])
    targets, answers = number[found.targets], number[found.answers]
    return Predictions(goal, targets, answers, found.confidences, found.truths)
