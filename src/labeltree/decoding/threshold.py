"""Back-off by a threshold: walk down the most probable child while it is probable enough."""

from __future__ import annotations

import numpy as np

from labeltree.decoding.checks import as_probabilities
from labeltree.decoding.staircase import Staircase
from labeltree.decoding.words import apart, label
from labeltree.taxonomy import Nodes, Probabilities, Taxonomy


def threshold_staircase(taxonomy: Taxonomy, probabilities: Probabilities) -> Staircase:
    """Answers for every threshold: the deepest node of the walk whose probability reaches it.

    Args:
        taxonomy: the tree.
        probabilities: coherent, shape `(n, num_nodes)`.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> steps = threshold_staircase(tree, tree.roll_up(np.array([[0.2, 0.7, 0.1]])))
    >>> [tree.paths[steps.answers(threshold)[0]] for threshold in (0.6, 0.75, 0.95)]
    ['dog/beagle', 'dog', '']
    """
    values = as_probabilities(taxonomy, probabilities)
    walk = walk_down(taxonomy, values)
    certainty = values[np.arange(len(values))[:, None], walk].astype(np.float64)
    certainty[:, 0] = np.inf  # the root is always sure
    certainty = np.minimum.accumulate(certainty, axis=1)  # against rounding
    return Staircase(walk[:, ::-1], certainty[:, ::-1])


def walk_down(taxonomy: Taxonomy, probabilities: Probabilities, start: int | Nodes = 0) -> Nodes:
    """From `start` (one node, or one for each image) to the most probable child, and on to a leaf.

    Only the children of nodes on the way are looked at.

    Returns:
        Node numbers, shape `(n, depth + 1)`: `start`, then one per step; a leaf repeats itself.
    """
    walk = np.empty((len(probabilities), taxonomy.depth + 1), dtype=np.intp)
    walk[:] = np.reshape(start, (-1, 1))
    for step in range(taxonomy.depth):
        inner = taxonomy.num_children[walk[:, step]].nonzero()[0]
        if not len(inner):
            break
        best = _best_children(taxonomy, probabilities, inner, walk[inner, step])
        walk[inner, step + 1 :] = best[:, None]
    return walk


def _best_children(
    taxonomy: Taxonomy, probabilities: Probabilities, rows: Nodes, parents: Nodes
) -> Nodes:
    """Most probable child of each row's own parent, shape `(len(rows),)`; the first on a tie."""
    counts = taxonomy.num_children[parents]
    begins = counts.cumsum() - counts
    children = np.arange(counts.sum()) + (taxonomy.first_child[parents] - begins).repeat(counts)
    values = probabilities[rows.repeat(counts), children]
    best = np.maximum.reduceat(values, begins).repeat(counts)
    candidates = np.where(values == best, children, taxonomy.num_nodes - 1)
    return np.minimum.reduceat(candidates, begins)


def threshold_reason(
    taxonomy: Taxonomy,
    probabilities: Probabilities,
    answer: int,
    parameter: float,
    kept: str,
) -> str:
    """Why the walk ended at `answer`; `probabilities` has shape `(num_nodes,)`."""
    name = label(taxonomy, answer)
    if parameter > 1:
        return f"stopped at {name}: there is no threshold {kept}"
    if taxonomy.is_leaf[answer]:
        if parameter <= 0:
            return f"went down to {name} ({probabilities[answer]:.2f}): no step needs to be sure"
        own, limit = apart(float(probabilities[answer]), parameter)
        return f"went down to {name}: its {own} reaches the {limit} {kept}"
    children = taxonomy.children(answer)
    best = children.start + int(np.argmax(probabilities[children]))
    found, limit = apart(float(probabilities[best]), parameter)
    return (
        f"stopped at {name}: its best child {label(taxonomy, best)} has {found}, "
        f"below the {limit} {kept}"
    )
