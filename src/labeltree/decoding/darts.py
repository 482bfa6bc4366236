"""Back-off by expected worth: the DARTS rule of "Hedging Your Bets" (Deng et al., CVPR 2012)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from labeltree.decoding.blocks import in_blocks
from labeltree.decoding.checks import as_probabilities
from labeltree.decoding.staircase import Staircase
from labeltree.decoding.words import label
from labeltree.taxonomy import Nodes, Probabilities, Taxonomy

MOST = 1e18
"""λ up to which an answer with probability 1 is preferred to the root; above it the root wins, so
that a λ for every target accuracy exists even if a wrong answer was certain."""


def information(taxonomy: Taxonomy, nodes: slice = slice(None)) -> NDArray[np.float64]:
    """What an answer tells, in bits: log2(leaves of the tree) − log2(leaves at or below it).

    Args:
        taxonomy: the tree.
        nodes: which answers; all.

    Returns:
        Shape `(num_nodes,)`, or as many as are asked for: 0 at the root, most at a leaf.

    >>> information(Taxonomy.from_paths(["a/b", "a/c", "d/e", "d/f"])).tolist()
    [0.0, 1.0, 1.0, 2.0, 2.0, 2.0, 2.0]
    """
    return np.log2(taxonomy.num_leaves) - np.log2(taxonomy.leaf_counts[nodes])


def darts_staircase(taxonomy: Taxonomy, probabilities: Probabilities) -> Staircase:
    """Answers for every λ: the node v with the highest (information(v) + λ) · p(v).

    Each node is a line over λ with slope p(v); the answers are the upper envelope of the lines,
    and λ goes up along it: from the node with the highest expected information to the root. Of
    nodes with equally many leaves only the most probable one can be on it, so that the search is
    among as many lines as there are different leaf counts.

    Args:
        taxonomy: the tree.
        probabilities: coherent, shape `(n, num_nodes)`.

    Source: Deng, Krause, Berg, Fei-Fei 2012, with information gain as the reward; the
    paper finds λ by bisection, here `Staircase.fit` searches all values at which answers change.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> steps = darts_staircase(tree, tree.roll_up(np.array([[0.05, 0.55, 0.4]])))
    >>> [tree.paths[steps.answers(factor)[0]] for factor in (0.1, 5, 50)]
    ['dog/beagle', 'dog', '']
    """
    values = as_probabilities(taxonomy, probabilities)
    nodes, reward = _candidates(taxonomy, values)
    slope = np.minimum(np.take_along_axis(values, nodes, axis=1).astype(np.float64), 1)
    slope[:, -1] = 1  # the root, or a node that holds all leaves as it does
    rows, last = np.arange(len(nodes)), len(reward) - 1
    current = (reward * slope).argmax(axis=1)
    path, until = [], []
    while True:
        ahead = (slope > slope[rows, current, None]) | (np.arange(last + 1) == last)
        ahead[rows, current] = False
        crossing = _crossings(slope, reward, current, ahead)
        following = crossing.argmin(axis=1)
        path.append(nodes[rows, current])
        until.append(crossing[rows, following])
        if (current == last).all():
            break
        current = np.where(current == last, last, following)
    return Staircase(np.stack(path, axis=1), np.maximum.accumulate(np.stack(until, axis=1), axis=1))


def _candidates(taxonomy: Taxonomy, values: Probabilities) -> tuple[Nodes, NDArray[np.float64]]:
    """The most probable node for each number of leaves; of equals the deepest.

    Returns:
        Nodes of shape `(n, counts)` and their information, of shape `(counts,)`, falling.
    """
    counts = np.unique(taxonomy.leaf_counts)
    groups = [np.flatnonzero(taxonomy.leaf_counts == count)[::-1] for count in counts]
    nodes = np.empty((len(values), len(groups)), dtype=np.int64)

    def work(rows: slice) -> None:
        for number, group in enumerate(groups):
            nodes[rows, number] = group[values[rows][:, group].argmax(axis=1)]

    in_blocks(lambda _: work, len(values), values.itemsize * taxonomy.num_nodes)
    return nodes, information(taxonomy)[[group[0] for group in groups]]


def _crossings(
    slope: NDArray[np.float64],
    reward: NDArray[np.float64],
    current: Nodes,
    ahead: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """λ at which each line that is `ahead` overtakes the current one; infinite for the others."""
    rows = np.arange(len(slope))
    own = slope[rows, current]
    worth = (reward[current] * own)[:, None] - reward * slope
    crossing = np.full(slope.shape, np.inf)
    with np.errstate(divide="ignore", invalid="ignore"):
        np.divide(worth, slope - own[:, None], out=crossing, where=ahead)
    # A line as steep as the current one never overtakes it: only the last must, at the very end.
    return np.where(ahead, np.clip(np.nan_to_num(crossing, nan=MOST), 0, MOST), np.inf)


def darts_reason(
    taxonomy: Taxonomy,
    probabilities: Probabilities,
    answer: int,
    parameter: float,
    kept: str,
) -> str:
    """Why `answer` is worth most; `probabilities` has shape `(num_nodes,)`."""

    def worth(nodes: slice) -> NDArray[np.floating]:
        return (information(taxonomy, nodes) + parameter) * probabilities[nodes]

    def told(node: int) -> str:
        chance = probabilities[node]
        return f"{worth(slice(node, node + 1))[0]:.2f} (probability {chance:.2f})"

    name = label(taxonomy, answer)
    own = f"with the λ = {parameter:.3g} {kept} it is worth {told(answer)}"
    if taxonomy.is_leaf[answer]:
        above = int(taxonomy.parents[answer])
        return f"went down to {name}: {own}, its parent {label(taxonomy, above)} {told(above)}"
    children = taxonomy.children(answer)
    best = children.start + int(np.argmax(worth(children)))
    return f"stopped at {name}: {own}, its best child {label(taxonomy, best)} only {told(best)}"
