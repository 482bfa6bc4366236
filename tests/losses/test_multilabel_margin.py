import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from random_label_sets import random_label_sets
from strategies import taxonomies
from torch.nn import functional as F

from labeltree.losses import MultilabelMargin
from labeltree.losses.leaf_targets import LeafTargets
from labeltree.taxonomy import Taxonomy
from labeltree.taxonomy.label_sets import make_label_sets

ANIMALS = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
ROOT, CAT, DOG, BEAGLE, PUG = range(5)


@pytest.mark.parametrize(
    ("row", "pairs"),
    [
        ([CAT, -1], [2.5, 1.5]),  # below the beagle by 1.5 and below the pug by 0.5
        ([BEAGLE, PUG], [0, 0.5]),
        ([DOG, -1], [0]),  # the surest dog is the beagle; of pugs nothing is known
        ([PUG, -2 - BEAGLE], [0.5]),
        ([CAT, -2 - DOG], []),
        ([ROOT, -1], []),
    ],
)
def test_animals_by_hand(row, pairs):
    value = MultilabelMargin(ANIMALS)((torch.tensor([[0.5, 2.0, 1.0]]),), torch.tensor([row]))
    assert value.item() == pytest.approx(sum(pairs) / 3)


@given(st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_torchs_own_when_all_is_known(num_leaves, seed):
    generator = np.random.default_rng(seed)
    taxonomy = Taxonomy.from_paths([f"group {i % 3}/class {i}" for i in range(num_leaves)])
    index = [generator.permutation(num_leaves)[: generator.integers(1, 5)] for _ in range(6)]
    sets = torch.from_numpy(make_label_sets(taxonomy, [taxonomy.leaves[i] for i in index]))
    padded = [np.pad(i, (0, num_leaves - len(i)), constant_values=-1) for i in index]
    start = torch.from_numpy(generator.normal(size=(6, num_leaves))).float()
    ours, theirs = start.clone().requires_grad_(), start.clone().requires_grad_()
    values = MultilabelMargin(taxonomy)((ours,), sets)
    expected = F.multilabel_margin_loss(theirs, torch.tensor(np.stack(padded)), reduction="none")
    torch.testing.assert_close(values, expected)
    scale = torch.arange(1.0, 7)
    (values * scale).sum().backward()
    (expected * scale).sum().backward()
    torch.testing.assert_close(ours.grad, theirs.grad)


@given(taxonomies(), st.integers(0, 2**32 - 1))
def test_any_sets_in_any_tree_pair_by_pair(taxonomy, seed):
    generator = np.random.default_rng(seed)
    sets = torch.from_numpy(make_label_sets(taxonomy, *random_label_sets(taxonomy, generator, 6)))
    logits = torch.from_numpy(generator.normal(size=(6, taxonomy.num_leaves))).float()
    logits.requires_grad_()
    present, known = (mark.numpy() for mark in LeafTargets(taxonomy)(logits, sets))
    expected, gradient = np.zeros(6), np.zeros((6, taxonomy.num_leaves))
    for row, x in enumerate(logits.detach().numpy()):
        for high in np.flatnonzero(present[row]):
            for low in np.flatnonzero(known[row] & ~present[row]):
                hinge = max(0.0, 1 - (x[high] - x[low]))
                expected[row] += hinge / taxonomy.num_leaves
                gradient[row, high] -= (hinge > 0) / taxonomy.num_leaves
                gradient[row, low] += (hinge > 0) / taxonomy.num_leaves
    values = MultilabelMargin(taxonomy)((logits,), sets)
    np.testing.assert_allclose(values.detach(), expected, atol=1e-5)
    values.sum().backward()
    np.testing.assert_allclose(logits.grad, gradient, atol=1e-6)


def test_a_hundred_thousand_leaves():
    """A table of all pairs would take 40 GB for each image."""
    taxonomy = Taxonomy.from_paths([f"{i}/{j}" for i in range(1000) for j in range(100)])
    leaves = taxonomy.leaves
    sets = torch.tensor([[leaves[5], leaves[99_999]], [leaves[7], -1]])
    logits = torch.zeros(2, 100_000, requires_grad=True)
    values = MultilabelMargin(taxonomy)((logits,), sets)
    torch.testing.assert_close(values, torch.tensor([2 * 99_998.0, 99_999.0]) / 100_000)
    values.sum().backward()
    torch.testing.assert_close(logits.grad[0, [5, 6]], torch.tensor([-0.99998, 2e-5]))
