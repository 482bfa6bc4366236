import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from strategies import taxonomies

from labeltree.methods.level_probabilities import LevelProbabilities
from labeltree.taxonomy import Taxonomy

ANIMALS = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
DEEP = Taxonomy.from_paths(["a/b/c/d", "a/b/c/e", "a/b/f", "a/g/h", "i", "j/k/l"])


def test_deeper_levels_share_what_the_leaves_above_leave():
    levels = (torch.tensor([[0.25, 0.75]]).log(), torch.tensor([[0.6, 0.4]]).log())
    nodes = LevelProbabilities(ANIMALS)(levels)
    torch.testing.assert_close(nodes, torch.tensor([[1.0, 0.25, 0.75, 0.45, 0.3]]))


@given(taxonomy=taxonomies(), seed=st.integers(0, 2**32 - 1), scale=st.sampled_from([1.0, 50.0]))
def test_any_tree(taxonomy, seed, scale):
    generator = np.random.default_rng(seed)
    sizes = np.bincount(taxonomy.depths)[1:]
    logits = [torch.from_numpy(generator.normal(0, scale, (2, size))) for size in sizes]
    nodes = LevelProbabilities(taxonomy)(tuple(logits)).numpy()

    expected = np.ones((2, taxonomy.num_nodes))
    for depth in range(1, taxonomy.depth + 1):
        level = taxonomy.level(depth)
        above = [leaf for leaf in taxonomy.leaves if taxonomy.depths[leaf] < depth]
        reach = 1 - expected[:, above].sum(1, keepdims=True)
        expected[:, level] = reach * logits[depth - 1].softmax(1).numpy()
    np.testing.assert_allclose(nodes, expected, atol=1e-6)
    for depth in range(taxonomy.depth + 1):
        np.testing.assert_allclose(nodes[:, taxonomy.cut(depth)].sum(1), 1, atol=1e-6)


@pytest.mark.parametrize("taxonomy", [ANIMALS, DEEP])
def test_it_adds_nothing_to_the_state_dict(taxonomy):
    module = LevelProbabilities(taxonomy)
    assert list(module.buffers())
    assert not module.state_dict()
