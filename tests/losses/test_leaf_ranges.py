import numpy as np
import torch
from hypothesis import given
from strategies import taxonomies

from labeltree.losses.leaf_ranges import LeafRanges


@given(taxonomies())
def test_the_leaves_at_or_below_each_node_of_any_tree(taxonomy):
    nodes = np.arange(taxonomy.num_nodes)
    expected = taxonomy.is_at_or_below(taxonomy.leaves, nodes[:, None])
    np.testing.assert_array_equal(
        LeafRanges(taxonomy).at_or_below(torch.from_numpy(nodes)), expected
    )
