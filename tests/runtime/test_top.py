"""The most probable leaves: those of a plain sort."""

import numpy as np
import pytest
from small_trees import TAXONOMIES

from labeltree.runtime import top_leaves


@pytest.mark.parametrize("name", TAXONOMIES)
@pytest.mark.parametrize("count", [0, 1, 2, 3, 1000])
def test_against_sorting(name: str, count: int) -> None:
    tree = TAXONOMIES[name]
    random = np.random.default_rng(0)
    leaves = random.dirichlet(np.ones(tree.num_leaves), 50)
    nodes, values = top_leaves(tree, tree.roll_up(leaves), count)
    order = np.argsort(-leaves, axis=1)[:, :count]
    np.testing.assert_array_equal(nodes, tree.leaves[order])
    np.testing.assert_array_equal(values, np.take_along_axis(leaves, order, axis=1))


def test_no_images() -> None:
    tree = TAXONOMIES["animals"]
    nodes, values = top_leaves(tree, np.empty((0, tree.num_nodes)), 2)
    assert nodes.shape == values.shape == (0, 2)
