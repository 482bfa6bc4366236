import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from strategies import taxonomies

from labeltree.methods.roll_up import RollUp
from labeltree.taxonomy import Taxonomy

ANIMALS = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
DEEP = Taxonomy.from_paths(["a/b/c/d", "a/b/c/e", "a/b/f", "a/g/h", "i", "j/k/l"])


def test_animals_by_hand():
    leaf = torch.tensor([[0.5, 0.25, 0.25], [0.125, 0.5, 0.375]])
    expected = [[1.0, 0.5, 0.5, 0.25, 0.25], [1.0, 0.125, 0.875, 0.5, 0.375]]
    assert RollUp(ANIMALS)(leaf).tolist() == expected


@given(taxonomies(), st.integers(0, 2**32 - 1))
def test_equals_the_taxonomys_own(taxonomy, seed):
    leaf = np.random.default_rng(seed).dirichlet(np.full(taxonomy.num_leaves, 0.3), size=3)
    roll_up = RollUp(taxonomy)
    np.testing.assert_allclose(roll_up(torch.from_numpy(leaf)), taxonomy.roll_up(leaf), rtol=1e-12)


@pytest.mark.parametrize("taxonomy", [ANIMALS, DEEP])
def test_gradients_are_those_of_finite_differences(taxonomy):
    generator = torch.Generator().manual_seed(0)
    leaf = torch.rand(2, taxonomy.num_leaves, generator=generator, dtype=torch.float64)
    leaf.requires_grad_()
    assert torch.autograd.gradcheck(RollUp(taxonomy), (leaf,))


def test_a_hundred_thousand_leaves_need_no_matrix_of_leaves_and_nodes():
    paths = [f"{i // 10_000}/{i // 1_000}/{i // 10}/{i}" for i in range(100_000)]
    taxonomy = Taxonomy.from_paths(paths)
    leaf = np.random.default_rng(0).random((2, taxonomy.num_leaves))
    np.testing.assert_allclose(RollUp(taxonomy)(torch.from_numpy(leaf)), taxonomy.roll_up(leaf))


def test_it_adds_nothing_to_the_state_dict():
    assert not RollUp(DEEP).state_dict()
