"""Back-off: answer with a broader label when no narrower one is sure enough.

Two rules, each with one parameter that asks for more certainty the higher it is, fitted on the
validation split: the lowest parameter, and so the most specific answers, that keep a target such
as "95 % of answers right". Both accuracy and answers change only at known values of the parameter
(`Staircase`), so the search is exact.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from labeltree.decoding.darts import darts_reason, darts_staircase, information
from labeltree.decoding.staircase import Staircase, is_right
from labeltree.decoding.threshold import threshold_reason, threshold_staircase
from labeltree.errors import ConfigError
from labeltree.taxonomy import Nodes, Probabilities, Taxonomy


@dataclass(frozen=True)
class BackOffRule:
    """A way to choose among a node and its ancestors.

    Attributes:
        staircase: `(taxonomy, probabilities (n, num_nodes))` to the answers for any parameter.
        reason: `(taxonomy, probabilities (num_nodes,), answer, parameter, what that keeps)` to a
            sentence that says why the answer is no deeper; see `labeltree.decoding.words.kept_by`.
    """

    staircase: Callable[[Taxonomy, Probabilities], Staircase]
    reason: Callable[[Taxonomy, Probabilities, int, float, str], str]


BACK_OFF_RULES: dict[str, BackOffRule] = {
    "threshold": BackOffRule(threshold_staircase, threshold_reason),
    "darts": BackOffRule(darts_staircase, darts_reason),
}


def back_off_rule(name: str) -> BackOffRule:
    """The rule of this name.

    Raises:
        ConfigError: there is none; the message names all.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> p = tree.roll_up(np.array([[0.1, 0.8, 0.1], [0.1, 0.5, 0.4]]))
    >>> steps = back_off_rule("threshold").staircase(tree, p)
    >>> targets = np.array([tree.find("dog/beagle"), tree.find("dog/pug")])
    >>> steps.fit(tree, targets, [0.5, 1.0])
    [0.0, 0.8]
    >>> [tree.paths[node] for node in steps.answers(0.8)]
    ['dog/beagle', 'dog']
    """
    if name not in BACK_OFF_RULES:
        raise ConfigError(f"unknown back-off rule {name!r}; known: {', '.join(BACK_OFF_RULES)}")
    return BACK_OFF_RULES[name]


def answer_quality(taxonomy: Taxonomy, nodes: Nodes, targets: Nodes) -> dict[str, float | None]:
    """How right and how specific answers are.

    Args:
        taxonomy: the tree.
        nodes: answers, shape `(n,)`.
        targets: shape `(n,)`.

    Returns:
        `accuracy` (see `is_right`), `mean_depth`, `information` (of all answers, as a share of
        what leaves would tell) and `leaf_share` (answers that are leaves); None without images.
    """
    if len(nodes) == 0:
        return dict.fromkeys(("accuracy", "mean_depth", "information", "leaf_share"))
    bits = information(taxonomy)
    most = bits.max() or 1.0  # a tree of one leaf has nothing to tell
    return {
        "accuracy": float(is_right(taxonomy, nodes, targets).mean()),
        "mean_depth": float(taxonomy.depths[nodes].mean()),
        "information": float(bits[nodes].mean() / most),
        "leaf_share": float(taxonomy.is_leaf[nodes].mean()),
    }


def curve(
    rule: str, taxonomy: Taxonomy, probabilities: Probabilities, targets: Nodes, points: int = 50
) -> list[dict[str, Any]]:
    """Accuracy against depth: `answer_quality` at up to `points` values of the parameter.

    The values are spread evenly over those at which answers change, from always a leaf to always
    the root.

    Returns:
        Dictionaries with `parameter` and the keys of `answer_quality`, by rising parameter; none
        without images.
    """
    if len(targets) == 0:
        return []
    steps = back_off_rule(rule).staircase(taxonomy, probabilities)
    parameters, _ = steps.accuracy_steps(taxonomy, targets)
    chosen = np.unique(np.linspace(0, len(parameters) - 1, points).round().astype(int))
    return [
        {"parameter": at, **answer_quality(taxonomy, steps.answers(at), targets)}
        for at in parameters[chosen].tolist()
    ]
