"""Classes that resemble their family, whatever the tree says: for tests of the audit."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from node_probabilities import Floats, Nodes

from labeltree.taxonomy import Taxonomy


def resembling(
    tree: Taxonomy,
    families: Mapping[str, str],
    per_class: int = 40,
    seed: int = 0,
    twins: tuple[str, str] | None = None,
) -> tuple[Floats, Nodes]:
    """Probabilities of images that lean to their class, and a little to its family.

    Args:
        tree: any tree.
        families: the family of each leaf, by its bare name.
        per_class: images of each leaf.
        seed: of all draws.
        twins: two leaves, by name, that resemble each other more than anything else.

    Returns:
        Coherent probabilities `(n, num_nodes)` and targets `(n,)`.
    """
    rng = np.random.default_rng(seed)
    names = [tree.names[leaf] for leaf in tree.leaves]
    kin = np.array([[families[a] == families[b] for b in names] for a in names])
    weights = np.where(kin, 0.15, 0.02)
    np.fill_diagonal(weights, 1.0)
    if twins:
        a, b = (names.index(name) for name in twins)
        weights[a, b] = weights[b, a] = 0.9
    own = np.repeat(np.arange(tree.num_leaves), per_class)
    drawn = rng.gamma(1.5, weights[own])
    values = tree.roll_up(drawn / drawn.sum(axis=1, keepdims=True))
    return np.asarray(values, dtype=np.float64), tree.leaves[own]


def family_tree(groups: int = 4, size: int = 5, **moved: str) -> tuple[Taxonomy, dict[str, str]]:
    """Families `f0`, `f1`, … of classes `f0c0`, …; `f0c0="f1"` puts a class under another parent.

    Returns:
        The tree, and the true family of each class.
    """
    families = {f"f{g}c{c}": f"f{g}" for g in range(groups) for c in range(size)}
    paths = [f"{moved.get(name, family)}/{name}" for name, family in families.items()]
    return Taxonomy.from_paths(paths), families
