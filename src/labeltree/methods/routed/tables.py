"""Where each label of the whole tree stands among those of a router and its experts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from labeltree.data.scope import REST, ScopeConfig, scoped_tree
from labeltree.taxonomy import Nodes, Taxonomy


class Tables(NamedTuple):
    """The groups are disjoint, so a number per label is enough, however many experts there are.

    Attributes:
        labels: the node in the router's tree, 0 where the group is not known; `(num_nodes,)`.
        expert_of: the place among the experts of the one that tells the node apart, -1 for none;
            `(num_nodes,)`.
        places: the node in that expert's tree, 0 for none; `(num_nodes,)`.
        groups: the group of each leaf, as a leaf of the router's tree; `(num_leaves,)`.
        columns: the leaf among a 1 and the leaves of all experts' trees; `(num_leaves,)`.
    """

    labels: Nodes
    expert_of: Nodes
    places: Nodes
    groups: Nodes
    columns: Nodes


def divide(taxonomy: Taxonomy, scopes: Sequence[ScopeConfig]) -> tuple[list[Taxonomy], Tables]:
    """The trees of the networks, the router's first, and the tables.

    Args:
        taxonomy: the whole tree.
        scopes: of the networks.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> trees, tables = divide(tree, [ScopeConfig(depth=1), ScopeConfig(branch="dog")])
    >>> tables.labels.tolist(), tables.expert_of.tolist(), tables.places.tolist()
    ([0, 1, 2, 2, 2], [-1, -1, -1, 0, 0], [0, 0, 0, 1, 2])
    >>> tables.groups.tolist(), tables.columns.tolist()
    ([0, 1, 1], [0, 1, 2])
    """
    router, labels = scoped_tree(taxonomy, scopes[0])
    groups = router.leaf_index[labels[taxonomy.leaves]]
    assert (groups >= 0).all(), "a leaf belongs to no group"
    expert_of = np.full(taxonomy.num_nodes, -1, dtype=np.int64)
    places = np.zeros(taxonomy.num_nodes, dtype=np.int64)
    columns = np.zeros_like(groups)  # in a group of one class, that is certain
    trees, start = [router], 1
    for number, scope in enumerate(scopes[1:]):
        tree, numbers = scoped_tree(taxonomy, scope)
        own = numbers > 0
        if scope.rest:
            own &= numbers != tree.find(REST)
        assert (expert_of[own] < 0).all(), "two experts tell the same label apart"
        expert_of[own], places[own] = number, numbers[own]
        leaves = np.flatnonzero(own[taxonomy.leaves])
        columns[leaves] = start + tree.leaf_index[numbers[taxonomy.leaves[leaves]]]
        start += tree.num_leaves
        trees.append(tree)
    return trees, Tables(labels, expert_of, places, groups, columns)
