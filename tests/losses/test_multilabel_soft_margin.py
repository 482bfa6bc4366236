import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from random_label_sets import random_label_sets
from strategies import taxonomies
from torch.nn import functional as F

from labeltree.losses import BinaryCrossEntropy, MultilabelSoftMargin
from labeltree.losses.leaf_targets import LeafTargets
from labeltree.taxonomy import Taxonomy
from labeltree.taxonomy.label_sets import make_label_sets


@given(taxonomies(), st.integers(0, 2**32 - 1))
def test_torchs_own_with_what_is_not_known_at_weight_0(taxonomy, seed):
    generator = np.random.default_rng(seed)
    sets = torch.from_numpy(make_label_sets(taxonomy, *random_label_sets(taxonomy, generator, 6)))
    start = torch.from_numpy(generator.normal(0, 3, (6, taxonomy.num_leaves))).float()
    ours, theirs = start.clone().requires_grad_(), start.clone().requires_grad_()
    values = MultilabelSoftMargin(taxonomy)((ours,), sets)
    present, known = LeafTargets(taxonomy)(start, sets)
    expected = F.multilabel_soft_margin_loss(
        theirs, present.float(), weight=known.float(), reduction="none"
    )
    torch.testing.assert_close(values, expected)
    scale = torch.arange(1.0, 7)
    (values * scale).sum().backward()
    (expected * scale).sum().backward()
    torch.testing.assert_close(ours.grad, theirs.grad)


def test_the_papers_formula():
    """Four classes, of which 0 and 2 are present, as in the paper's example."""
    taxonomy = Taxonomy.from_paths(["a", "b", "c", "d"])
    x, y = np.array([1.5, -0.5, -2.0, 3.0]), np.array([1, 0, 1, 0])
    odds = np.exp(-x)
    expected = -np.mean(y * np.log(1 / (1 + odds)) + (1 - y) * np.log(odds / (1 + odds)))
    targets = torch.tensor([[1, 3]])  # nodes; the root is 0
    value = MultilabelSoftMargin(taxonomy)((torch.tensor(x[None]),), targets)
    np.testing.assert_allclose(value, [expected], rtol=1e-6)


@given(taxonomies(), st.integers(0, 2**32 - 1))
def test_smoothing_is_that_of_the_sum(taxonomy, seed):
    generator = np.random.default_rng(seed)
    targets = torch.from_numpy(generator.integers(taxonomy.num_nodes, size=6))
    outputs = (torch.from_numpy(generator.normal(size=(6, taxonomy.num_leaves))),)
    values = MultilabelSoftMargin(taxonomy)(outputs, targets, 0.2) * taxonomy.num_leaves
    torch.testing.assert_close(values, BinaryCrossEntropy(taxonomy)(outputs, targets, 0.2))
