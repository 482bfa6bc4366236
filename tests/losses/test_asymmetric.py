import numpy as np
import pytest
import timm.loss
import torch
from hypothesis import given
from hypothesis import strategies as st
from random_label_sets import random_label_sets
from strategies import taxonomies

from labeltree.losses import Asymmetric
from labeltree.losses.leaf_targets import LeafTargets
from labeltree.taxonomy import Taxonomy
from labeltree.taxonomy.label_sets import make_label_sets

ANIMALS = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
ROOT, CAT, DOG, BEAGLE, PUG = range(5)
LOGITS = torch.tensor([[0.04, 0.55, 0.75]]).logit()
TIMM = timm.loss.AsymmetricLossMultiLabel(gamma_neg=4, gamma_pos=0)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ([BEAGLE, PUG], -np.log(0.55 * 0.75)),  # the cat is below the margin
        ([PUG, -1], -np.log(0.75) - 0.5**4 * np.log(0.5)),
        ([DOG, -1], -np.log(0.75)),
        ([CAT, -2 - DOG], -np.log(0.04)),
        ([ROOT, -1], 0),
    ],
)
def test_animals_by_hand(row, expected):
    value = Asymmetric(ANIMALS)((LOGITS,), torch.tensor([row]))
    assert value.item() == pytest.approx(expected, abs=1e-6)


def test_smoothing_by_hand():
    value = Asymmetric(ANIMALS)((LOGITS,), torch.tensor([[BEAGLE, -2 - PUG]]), 0.3)
    beagle = 0.8 * np.log(0.55) + 0.2 * 0.5**4 * np.log(0.5)
    cat = 0.1 * np.log(0.04)
    assert value.item() == pytest.approx(-beagle - cat)


@given(taxonomies(), st.integers(0, 2**32 - 1))
def test_timms_loss_of_what_is_known_in_any_tree(taxonomy, seed):
    generator = np.random.default_rng(seed)
    sets = torch.from_numpy(make_label_sets(taxonomy, *random_label_sets(taxonomy, generator, 6)))
    start = torch.from_numpy(generator.normal(0, 4, (6, taxonomy.num_leaves))).float()
    ours, theirs = start.clone().requires_grad_(), start.clone().requires_grad_()
    values = Asymmetric(taxonomy)((ours,), sets)
    present, known = LeafTargets(taxonomy)(start, sets)
    expected = [
        TIMM(x[k][None], y[k][None].float()) for x, y, k in zip(theirs, present, known, strict=True)
    ]
    torch.testing.assert_close(values, torch.stack(expected), atol=1e-5, rtol=1e-5)
    values.sum().backward()
    torch.stack(expected).sum().backward()
    torch.testing.assert_close(ours.grad, theirs.grad, atol=1e-5, rtol=1e-5)


def test_a_present_leaf_that_was_given_up_still_gets_its_gradient():
    """The one difference from timm, which takes a probability of at least 1e-8."""
    ours, theirs = (torch.tensor([[-100.0]], requires_grad=True) for _ in range(2))
    Asymmetric(Taxonomy.from_paths(["cat"]))((ours,), torch.tensor([CAT])).sum().backward()
    TIMM(theirs, torch.ones(1, 1)).backward()
    assert ours.grad.item() == -1
    assert theirs.grad.item() == 0
