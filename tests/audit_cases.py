"""Classes that resemble their family, whatever the tree says: for tests of the audit."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from node_probabilities import Floats, Nodes
from numpy.typing import NDArray

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


def confident(
    tree: Taxonomy, families: Mapping[str, str], unsure: int = 15, seed: int = 0
) -> tuple[NDArray[np.float32], Nodes]:
    """What a well trained network says, in its own float32: siblings 1e-8, all others 1e-9.

    Args:
        tree: any tree.
        families: the family of each leaf, by its bare name.
        unsure: images of the first class that are no more than likely to be of it.
        seed: of all draws.

    Returns:
        Coherent float32 probabilities `(n, num_nodes)` and targets `(n,)`; 100 images per class.
    """
    rng = np.random.default_rng(seed)
    names = [tree.names[leaf] for leaf in tree.leaves]
    kin = np.array([[families[a] == families[b] for b in names] for a in names])
    own = np.repeat(np.arange(tree.num_leaves), 100)
    logits = np.log(np.where(kin, 1e-8, 1e-9))[own] + rng.normal(0, 0.3, (len(own), len(names)))
    logits[:unsure] = np.where(kin[0], -2.0, -4.0)
    logits[np.arange(len(own)), own] = 0.0
    exponentials = np.exp(logits)
    leaves = (exponentials / exponentials.sum(axis=1, keepdims=True)).astype(np.float32)
    return np.asarray(tree.roll_up(leaves), dtype=np.float32), tree.leaves[own]


def family_tree(groups: int = 4, size: int = 5, **moved: str) -> tuple[Taxonomy, dict[str, str]]:
    """Families `f0`, `f1`, … of classes `f0c0`, …; `f0c0="f1"` puts a class under another parent.

    Returns:
        The tree, and the true family of each class.
    """
    families = {f"f{g}c{c}": f"f{g}" for g in range(groups) for c in range(size)}
    paths = [f"{moved.get(name, family)}/{name}" for name, family in families.items()]
    return Taxonomy.from_paths(paths), families
