"""Calibration: one temperature that makes confidences as high as the answers are right."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from labeltree.decoding.checks import as_probabilities
from labeltree.taxonomy import Nodes, Probabilities, Taxonomy

LOWEST, HIGHEST = 0.05, 20.0

TINY = float(np.finfo(np.float32).tiny)
"""Probabilities below are 0 to a temperature: some hardware has no such numbers, other hardware few
digits of them, and the 20th root of one is 0.01."""

MOST_VALUES = 20_000_000
"""Leaf values used for the fit: 200,000 images of 100 leaves; of more images a seeded sample."""

FEWEST_ROWS = 1_000


def apply_temperature(
    taxonomy: Taxonomy, probabilities: Probabilities, temperature: float
) -> Probabilities:
    """Sharpen (T < 1) or soften (T > 1) the leaf distribution and roll it up again.

    q(leaf) ∝ p(leaf)^(1/T). Zeros stay zero, and what is below `TINY` counts as such; T = 1 returns
    the input itself.

    Args:
        taxonomy: the tree.
        probabilities: coherent, shape `(n, num_nodes)`.
        temperature: T > 0.

    Returns:
        Coherent, shape `(n, num_nodes)`, of the same dtype.

    Source: Guo et al. 2017, "On Calibration of Modern Neural Networks", section 4.2; of softmax
    outputs q ∝ p^(1/T) is the same as dividing the logits by T.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> p = tree.roll_up(np.array([[0.2, 0.8, 0.0]]))
    >>> np.round(apply_temperature(tree, p, 2.0), 3).tolist()
    [[1.0, 0.333, 0.667, 0.667, 0.0]]
    """
    values = as_probabilities(taxonomy, probabilities)
    if temperature == 1:
        return values
    leaves = values[:, taxonomy.leaves]
    leaves[leaves < TINY] = 0
    leaves = _log_odds(leaves)
    leaves /= temperature
    np.exp(leaves, out=leaves)
    leaves /= leaves.sum(axis=1, keepdims=True)
    scaled = taxonomy.roll_up(leaves)
    scaled[:, 0] = 1
    return scaled


def fit_temperature(taxonomy: Taxonomy, probabilities: Probabilities, targets: Nodes) -> float:
    """The temperature under which the targets of a validation split are most likely.

    Minimises the mean negative log of the rolled-up probability at the target, which may be an
    inner node. Targets that were given probability 0 say nothing about T and are left out. With
    few images T stays near 1: a normal prior on log T (mean 0, deviation 1) counts as one more
    image, which keeps five right answers from proving certainty.

    Why a temperature and not another α? On probabilities above 0, adapting with any α and then
    making the result coherent gives what α = 1 gives at once: by its definition T is M rescaled
    among siblings, so M of (1 − α) P + α T is (1 − α) M + α T, again M rescaled among siblings,
    and its targets are T. Below a choice of α there is no further freedom in coherent answers;
    they are α = 1 and one temperature.

    Args:
        taxonomy: the tree.
        probabilities: coherent, shape `(n, num_nodes)`; n may be 0.
        targets: node numbers, shape `(n,)`.

    Returns:
        T, between 0.05 and 20.
    """
    values = as_probabilities(taxonomy, probabilities)
    useful = np.flatnonzero(values[np.arange(len(values)), targets] > 0)
    most = max(FEWEST_ROWS, MOST_VALUES // taxonomy.num_leaves)
    if len(useful) > most:
        useful = np.random.default_rng(0).choice(useful, most, replace=False)
    if len(useful) == 0:
        return 1.0
    from scipy.optimize import minimize_scalar

    loss = _loss(taxonomy, _log_odds(values[useful][:, taxonomy.leaves]), targets[useful])
    bounds = (float(np.log(LOWEST)), float(np.log(HIGHEST)))
    found = minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-3})
    return float(np.exp(found.x))


def _loss(taxonomy: Taxonomy, log_odds: Probabilities, targets: Nodes) -> Callable[[float], float]:
    """The objective as a function of log T."""
    at_leaf = np.flatnonzero(taxonomy.is_leaf[targets])
    leaves = taxonomy.leaf_index[targets[at_leaf]]
    at_inner = np.setdiff1d(np.arange(len(targets)), at_leaf)
    nodes = targets[at_inner]

    def loss(log_temperature: float) -> float:
        scaled = log_odds / log_odds.dtype.type(np.exp(log_temperature))
        total = np.log(np.exp(scaled).sum(axis=1)).sum(dtype=np.float64)
        total -= scaled[at_leaf, leaves].sum(dtype=np.float64)
        if len(nodes):
            rolled = taxonomy.log_roll_up(scaled[at_inner])
            total -= rolled[np.arange(len(nodes)), nodes].sum(dtype=np.float64)
        return float(total + log_temperature**2 / 2) / (len(targets) + 1)

    return loss


def _log_odds(leaves: Probabilities) -> NDArray[np.floating]:
    """Log of p over its maximum, in place of `leaves`, which is a copy; -inf where p is 0."""
    with np.errstate(divide="ignore"):
        np.log(leaves, out=leaves)
    leaves -= leaves.max(axis=1, keepdims=True)
    return leaves
