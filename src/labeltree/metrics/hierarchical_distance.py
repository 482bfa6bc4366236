"""How far off answers are: AHD@k and mistake severity."""

from __future__ import annotations

import numpy as np

from labeltree.metrics.levels import leaf_answers, mean
from labeltree.taxonomy import Nodes, Probabilities, Taxonomy


def average_hierarchical_distance(
    taxonomy: Taxonomy, probabilities: Probabilities, targets: Nodes, k: int = 1
) -> float:
    """AHD@k: mean height of the lowest common ancestor of the target and the k likeliest leaves.

    0 for the right leaf itself; the depth of the tree for one on the other side of the root. Only
    images whose target is a leaf count; NaN if there is none.

    Args:
        taxonomy: the tree.
        probabilities: shape `(n, num_nodes)`.
        targets: node numbers, shape `(n,)`.
        k: at least 1; all leaves if there are fewer.

    Source: Bertinetto et al. 2020, "Making Better Mistakes" ("average hierarchical distance of
    top-k"); as there the distance is the height of the LCA, not the number of edges between.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> p = tree.roll_up(np.array([[0.2, 0.3, 0.5]]))
    >>> target = np.array([tree.find("dog/beagle")])
    >>> [average_hierarchical_distance(tree, p, target, k) for k in (1, 2, 3)]
    [1.0, 0.5, 1.0]
    """
    counted = taxonomy.is_leaf[targets]
    answers = _top_leaves(taxonomy, probabilities[counted], k)
    return mean(_distance(taxonomy, answers, targets[counted][:, None]))


def mistake_severity(taxonomy: Taxonomy, probabilities: Probabilities, targets: Nodes) -> float:
    """Mean LCA height between target and likeliest leaf over the images where they differ.

    Only images whose target is a leaf count; NaN if none of them is answered wrongly.

    Source: Bertinetto et al. 2020 ("hierarchical distance of a mistake").

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> p = tree.roll_up(np.array([[0.2, 0.3, 0.5], [0.8, 0.1, 0.1]]))
    >>> mistake_severity(tree, p, np.array([tree.find("dog/beagle"), tree.find("cat")]))
    1.0
    """
    counted = taxonomy.is_leaf[targets]
    answers, truth = leaf_answers(taxonomy, probabilities)[counted], targets[counted]
    wrong = answers != truth
    return mean(_distance(taxonomy, answers[wrong], truth[wrong]))


def _top_leaves(taxonomy: Taxonomy, probabilities: Probabilities, k: int) -> Nodes:
    """The k most probable leaves in any order, shape `(n, min(k, num_leaves))`."""
    if k == 1:
        return leaf_answers(taxonomy, probabilities)[:, None]
    leaves = taxonomy.leaves
    if k >= len(leaves):
        return np.broadcast_to(leaves, (len(probabilities), len(leaves)))
    found = np.argpartition(probabilities[:, leaves], -k, axis=1)[:, -k:]
    return leaves[found]


def _distance(taxonomy: Taxonomy, answers: Nodes, targets: Nodes) -> Nodes:
    height: Nodes = taxonomy.heights[taxonomy.lowest_common_ancestor(answers, targets)]
    return height
