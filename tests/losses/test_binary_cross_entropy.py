import numpy as np
import pytest
import timm.loss
import torch
from hypothesis import given
from hypothesis import strategies as st
from random_label_sets import random_label_sets
from strategies import taxonomies

from labeltree.losses import BinaryCrossEntropy
from labeltree.losses.leaf_targets import LeafTargets
from labeltree.taxonomy import Taxonomy
from labeltree.taxonomy.label_sets import make_label_sets

ANIMALS = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
ROOT, CAT, DOG, BEAGLE, PUG = range(5)
LOGITS = torch.tensor([[0.25, 0.5, 0.75]]).logit()


@pytest.mark.parametrize(
    ("row", "probability"),
    [
        ([CAT, -1], 0.25 * 0.5 * 0.25),
        ([BEAGLE, PUG], 0.75 * 0.5 * 0.75),
        ([DOG, -1], 0.75 * 0.75),  # the surest dog is the pug; of beagles nothing is known
        ([CAT, -2 - DOG], 0.25),
        ([ROOT, -1], 1),
    ],
)
def test_animals_by_hand(row, probability):
    value = BinaryCrossEntropy(ANIMALS)((LOGITS,), torch.tensor([row]))
    assert value.item() == pytest.approx(-np.log(probability), abs=1e-6)


def test_smoothing_by_hand():
    value = BinaryCrossEntropy(ANIMALS)((LOGITS,), torch.tensor([[PUG, -2 - CAT]]), 0.3)
    beagle = np.log(0.5)
    pug = 0.8 * np.log(0.75) + 0.2 * np.log(0.25)
    assert value.item() == pytest.approx(-beagle - pug)


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.7])
def test_timms_loss_for_one_leaf(smoothing):
    logits = torch.randn(6, 3, generator=torch.Generator().manual_seed(0)) * 5
    classes = torch.tensor([0, 1, 2, 2, 1, 0])
    oracle = timm.loss.BinaryCrossEntropy(smoothing=smoothing, sum_classes=True)
    expected = [oracle(x[None], y[None]) for x, y in zip(logits, classes, strict=True)]
    targets = torch.from_numpy(ANIMALS.leaves)[classes]
    values = BinaryCrossEntropy(ANIMALS)((logits,), targets, smoothing)
    torch.testing.assert_close(values, torch.stack(expected))


@given(taxonomies(), st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.1]))
def test_any_sets_in_any_tree(taxonomy, seed, smoothing):
    generator = np.random.default_rng(seed)
    sets = torch.from_numpy(make_label_sets(taxonomy, *random_label_sets(taxonomy, generator, 6)))
    logits = generator.normal(scale=3, size=(6, taxonomy.num_leaves)).astype(np.float32)
    logits = torch.from_numpy(logits).requires_grad_()
    values = BinaryCrossEntropy(taxonomy)((logits,), sets, smoothing)

    present, known = LeafTargets(taxonomy)(logits, sets)
    soft = np.where(present, 1 - smoothing, 0) + smoothing / taxonomy.num_leaves
    p = 1 / (1 + np.exp(-logits.detach().numpy().astype(np.float64)))
    expected = -(soft * np.log(p) + (1 - soft) * np.log1p(-p)) * known.numpy()
    np.testing.assert_allclose(values.detach(), expected.sum(1), rtol=1e-5, atol=1e-5)
    values.sum().backward()
    np.testing.assert_allclose(logits.grad, np.where(known, p - soft, 0), atol=1e-5)
