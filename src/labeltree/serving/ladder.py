"""The answers that one image gets as more and more certainty is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from labeltree.decoding import Decoder, back_off_rule
from labeltree.taxonomy import Probabilities, Taxonomy


def ladders(
    taxonomy: Taxonomy, decoder: Decoder, probabilities: Probabilities
) -> list[list[dict[str, Any]]]:
    """For each image its answers by rising target accuracy; see `Decoder.parameters`.

    Args:
        taxonomy: the tree.
        decoder: with the parameter of each target accuracy; any back-off rule.
        probabilities: decoded ones, shape `(n, num_nodes)`.

    Returns:
        Rungs with `target_accuracy`, `path`, `probability` and `depth`. A rung holds for targets up
        to and including its own and above that of the rung before; the last is 1.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> decoder = Decoder(parameters=((0.5, 0.0), (0.9, 0.7), (1.0, 0.8)))
    >>> (rungs,) = ladders(tree, decoder, tree.roll_up(np.array([[0.125, 0.625, 0.25]])))
    >>> [(rung["target_accuracy"], rung["path"]) for rung in rungs]
    [(0.5, 'dog/beagle'), (1.0, 'dog')]
    """
    steps = back_off_rule(decoder.rule).staircase(taxonomy, probabilities)
    targets, parameters = zip(*decoder.parameters, strict=True)
    # As `Staircase.answers`, for all parameters at once.
    step = (steps.until[:, None] < np.array(parameters)[:, None]).sum(axis=2)
    nodes = np.take_along_axis(steps.nodes, step, axis=1).tolist()
    return [_joined(taxonomy, targets, *row) for row in zip(nodes, probabilities, strict=True)]


def _joined(
    taxonomy: Taxonomy, targets: Sequence[float], nodes: list[int], row: Probabilities
) -> list[dict[str, Any]]:
    following = [*nodes[1:], None]
    return [
        {
            "target_accuracy": target,
            "path": taxonomy.paths[node],
            "probability": float(row[node]) if node else 1.0,
            "depth": int(taxonomy.depths[node]),
        }
        for target, node, after in zip(targets, nodes, following, strict=True)
        if node != after
    ]
