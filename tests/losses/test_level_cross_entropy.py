import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from strategies import taxonomies
from torch.nn import functional as F

from labeltree.losses import LevelCrossEntropy
from labeltree.taxonomy import Taxonomy

ANIMALS = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
ROOT, CAT, DOG, BEAGLE, PUG = range(5)
HEADS = (torch.tensor([[0.25, 0.75]]).log(), torch.tensor([[0.875, 0.125]]).log())


@pytest.mark.parametrize(
    ("target", "coarse", "fine"),
    [(ROOT, 1, 1), (CAT, 0.25, 1), (DOG, 0.75, 1), (BEAGLE, 0.75, 0.875), (PUG, 0.75, 0.125)],
)
def test_animals_by_hand(target, coarse, fine):
    loss = LevelCrossEntropy(ANIMALS)
    levels = loss.by_level(HEADS, torch.tensor([target]))
    np.testing.assert_allclose(levels, [[-np.log(coarse), -np.log(fine)]], atol=1e-6)
    assert loss(HEADS, torch.tensor([target])).item() == pytest.approx(-np.log(coarse * fine))


def test_a_level_that_is_not_reached_gets_neither_smoothing_nor_gradient():
    heads = tuple(head.clone().requires_grad_() for head in HEADS)
    LevelCrossEntropy(ANIMALS)(heads, torch.tensor([CAT]), 0.2).sum().backward()
    assert heads[0].grad.abs().sum() > 0
    assert not heads[1].grad.any()


@given(taxonomies(), st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.1]))
def test_any_node_of_any_tree(taxonomy, seed, smoothing):
    generator = np.random.default_rng(seed)
    loss = LevelCrossEntropy(taxonomy)
    targets = generator.integers(taxonomy.num_nodes, size=6)
    heads = [generator.normal(size=(6, size)).astype(np.float32) for size in loss.output_sizes]
    expected = np.zeros((6, taxonomy.depth))
    for image, target in enumerate(targets):
        for level, node in enumerate(taxonomy.path_to(int(target))):
            place = node - taxonomy.level(level + 1).start
            logits = torch.from_numpy(heads[level][image])
            expected[image, level] = F.cross_entropy(
                logits, torch.tensor(place), label_smoothing=smoothing
            )
    outputs = tuple(map(torch.from_numpy, heads))
    levels = loss.by_level(outputs, torch.from_numpy(targets), smoothing)
    np.testing.assert_allclose(levels, expected, atol=1e-5)
    total = loss(outputs, torch.from_numpy(targets), smoothing)
    np.testing.assert_allclose(total, expected.sum(1), atol=1e-5)
