"""Random node probabilities for tests of decoding and metrics."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray
from strategies import taxonomies

from labeltree.taxonomy import Taxonomy

Floats = NDArray[np.float64]
Nodes = NDArray[np.int64]


def levelwise(taxonomy: Taxonomy, n: int, seed: int, zeros: bool = False) -> Floats:
    """A head per level, as `merged` has them: every cut sums to 1, levels disagree."""
    rng = np.random.default_rng(seed)
    values = np.zeros((n, taxonomy.num_nodes))
    values[:, 0] = 1
    left = np.ones((n, 1))
    for depth in range(1, taxonomy.depth + 1):
        nodes = np.arange(taxonomy.level(depth).start, taxonomy.level(depth).stop)
        head = rng.dirichlet(np.ones(len(nodes)), n) + 1e-6
        if zeros:
            head *= rng.random(head.shape) < 0.6
            head[head.sum(axis=1) == 0, rng.integers(len(nodes))] = 1
        values[:, nodes] = left * head / head.sum(axis=1, keepdims=True)
        leaves = nodes[taxonomy.num_children[nodes] == 0]
        left = left - values[:, leaves].sum(axis=1, keepdims=True)
    return np.maximum(values, 0)


def coherent(taxonomy: Taxonomy, n: int, seed: int, zeros: bool = False) -> Floats:
    """Leaf distributions rolled up."""
    rng = np.random.default_rng(seed)
    leaves = rng.dirichlet(np.full(taxonomy.num_leaves, 0.5), n) + 1e-9
    if zeros:
        leaves *= rng.random(leaves.shape) < 0.6
        leaves[leaves.sum(axis=1) == 0, rng.integers(taxonomy.num_leaves)] = 1
    rolled = taxonomy.roll_up(leaves / leaves.sum(axis=1, keepdims=True))
    return np.asarray(rolled, dtype=np.float64)


def incoherence(taxonomy: Taxonomy, probabilities: NDArray[np.floating]) -> float:
    """Largest gap between a node and the sum of its children, or between the root and 1."""
    gaps = [np.abs(probabilities[:, 0] - 1)]
    for node in np.flatnonzero(taxonomy.num_children):
        children = probabilities[:, taxonomy.children(node)]
        gaps.append(np.abs(probabilities[:, node] - children.sum(axis=1)))
    return float(np.max(gaps))


def likely_targets(taxonomy: Taxonomy, probabilities: Floats, seed: int) -> Nodes:
    """Leaves drawn from the leaf probabilities, some lifted to an ancestor."""
    rng = np.random.default_rng(seed)
    leaves = probabilities[:, taxonomy.leaves].cumsum(axis=1)
    drawn = (leaves < rng.random((len(leaves), 1)) * leaves[:, -1:]).sum(axis=1)
    depth = rng.choice([0, 1, 2, 9, 9, 9], len(leaves))
    return taxonomy.ancestor_at(taxonomy.leaves[drawn], depth)


@st.composite
def levelwise_cases(draw: st.DrawFn, zeros: bool = False) -> tuple[Taxonomy, Floats]:
    """A tree and incoherent probabilities of a few images."""
    taxonomy = draw(taxonomies())
    return taxonomy, levelwise(
        taxonomy, draw(st.integers(1, 5)), draw(st.integers(0, 10**6)), zeros
    )


@st.composite
def answered_cases(draw: st.DrawFn) -> tuple[Taxonomy, Floats, Nodes]:
    """A tree, coherent probabilities (with zeros at times) and targets at any node."""
    taxonomy = draw(taxonomies())
    n, seed = draw(st.integers(1, 30)), draw(st.integers(0, 10**6))
    probabilities = coherent(taxonomy, n, seed, draw(st.booleans()))
    return taxonomy, probabilities, likely_targets(taxonomy, probabilities, seed + 1)
