"""Conditional risk minimisation (CRM): the leaf whose mistakes are expected to be the mildest."""

from __future__ import annotations

import numpy as np

from labeltree.decoding.blocks import Work, in_blocks
from labeltree.decoding.checks import as_probabilities
from labeltree.decoding.families import families
from labeltree.taxonomy import Nodes, Probabilities, Taxonomy


def crm_answers(taxonomy: Taxonomy, probabilities: Probabilities) -> Nodes:
    """For each image the leaf of least expected cost under its leaf probabilities.

    Answering k where y is right costs the height of their lowest common ancestor, as AHD counts it.
    The expected cost of k needs no cost of every pair of leaves: whatever y is not below a node v
    on the way up from k costs the step from v to its parent, so that

        R(k) = Σ_{v on the path to k} (height(parent of v) − height(v)) · (1 − P(v)),

    with P rolled up from the leaves: one pass up and one down, linear in the number of nodes.

    Args:
        taxonomy: the tree.
        probabilities: shape `(n, num_nodes)`; only the leaves' are used.

    Returns:
        Node numbers of leaves, shape `(n,)`; on a tie the more probable leaf, then the lower
        number.

    Source: Deng et al. 2010, "What Does Classifying More Than 10,000 Image Categories Tell Us?",
    section 5; Karthik et al. 2021, "No Cost Likelihood Manipulation at Test Time for Making Better
    Mistakes in Deep Networks".

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> p = tree.roll_up(np.array([[0.4, 0.35, 0.25]]))
    >>> tree.paths[crm_answers(tree, p)[0]]  # a cat is likelier, a wrong dog not so bad
    'dog/beagle'
    """
    given = as_probabilities(taxonomy, probabilities)
    steps_up = taxonomy.heights[taxonomy.parents] - taxonomy.heights
    levels, leaves = families(taxonomy), taxonomy.leaves
    answers = np.empty(len(given), dtype=np.int64)

    def begin(_: int) -> Work:
        def work(rows: slice) -> None:
            chances = given[rows][:, leaves].astype(np.float64)
            # One node per row from here on; see `Families`.
            risk = 1 - taxonomy.roll_up(chances).T
            risk *= steps_up[:, None]
            risk[0] = 0
            for level in levels:
                risk[level.children] += level.handed_down(risk[level.parents])
            costs = risk[leaves].T
            # Sums in another order differ in their last bits: as good as equal is a tie.
            best = costs <= costs.min(axis=1, keepdims=True) + 1e-9
            answers[rows] = leaves[np.where(best, chances, -1).argmax(axis=1)]

        return work

    in_blocks(begin, len(given), given.itemsize * taxonomy.num_nodes)
    return answers


def crm(taxonomy: Taxonomy, probabilities: Probabilities) -> Probabilities:
    """The answers of CRM as node probabilities: 1 from the root down to the leaf, else 0.

    Metrics then judge it like any other decoder, except that its probabilities tell no confidence.

    Args:
        taxonomy: the tree.
        probabilities: shape `(n, num_nodes)`.

    Returns:
        Shape `(n, num_nodes)`, float32.
    """
    certain = np.zeros((len(probabilities), taxonomy.num_leaves), dtype=np.float32)
    answers = crm_answers(taxonomy, probabilities)
    certain[np.arange(len(certain)), taxonomy.leaf_index[answers]] = 1
    return taxonomy.roll_up(certain)
