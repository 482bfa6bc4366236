import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from strategies import taxonomies
from torch.nn import functional as F

from labeltree.losses import NodeCrossEntropy
from labeltree.taxonomy import Taxonomy

ANIMALS = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
CAT, DOG, BEAGLE, PUG = 1, 2, 3, 4


def logits_of(probabilities):
    return (torch.tensor([probabilities]).log(),)


@pytest.mark.parametrize(
    ("target", "probability"), [(0, 1.0), (CAT, 0.5), (DOG, 0.5), (BEAGLE, 0.375), (PUG, 0.125)]
)
def test_animals_by_hand(target, probability):
    loss = NodeCrossEntropy(ANIMALS)(logits_of([0.5, 0.375, 0.125]), torch.tensor([target]))
    assert loss.item() == pytest.approx(-np.log(probability), abs=1e-6)


def test_smoothing_of_an_inner_target_by_hand():
    loss = NodeCrossEntropy(ANIMALS)(logits_of([0.5, 0.25, 0.25]), torch.tensor([DOG]), 0.1)
    uniform = (np.log(2) + np.log(4) + np.log(4)) / 3
    assert loss.item() == pytest.approx(0.9 * np.log(2) + 0.1 * uniform)


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.7])
def test_leaves_give_torchs_cross_entropy_alone_and_beside_inner_nodes(smoothing):
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(6, 3, generator=generator) * 5
    classes = torch.tensor([0, 1, 2, 2, 1, 0])
    expected = F.cross_entropy(logits, classes, reduction="none", label_smoothing=smoothing)
    targets = torch.from_numpy(ANIMALS.leaves)[classes]
    loss = NodeCrossEntropy(ANIMALS)
    assert torch.equal(loss((logits,), targets, smoothing), expected)

    # One image that is only known to be a dog sends the whole batch the general way.
    mixed = loss((torch.cat([logits, logits[:1]]),), F.pad(targets, (0, 1), value=DOG), smoothing)
    torch.testing.assert_close(mixed[:-1], expected)


@given(taxonomies(), st.integers(0, 2**32 - 1))
def test_any_node_of_any_tree(taxonomy, seed):
    generator = np.random.default_rng(seed)
    logits = generator.normal(scale=3, size=(8, taxonomy.num_leaves)).astype(np.float32)
    targets = generator.integers(taxonomy.num_nodes, size=8)
    exponentials = np.exp(logits.astype(np.float64))
    nodes = taxonomy.roll_up(exponentials / exponentials.sum(1, keepdims=True))
    loss = NodeCrossEntropy(taxonomy)((torch.from_numpy(logits),), torch.from_numpy(targets))
    np.testing.assert_allclose(loss, -np.log(nodes[np.arange(8), targets]), atol=1e-5)


def test_log_probabilities_serve_as_logits():
    logs = torch.randn(4, 3, generator=torch.Generator().manual_seed(0)).log_softmax(1)
    targets = torch.tensor([CAT, DOG, BEAGLE, PUG])
    loss = NodeCrossEntropy(ANIMALS)
    torch.testing.assert_close(loss((logs,), targets), loss((logs + 3,), targets))


@pytest.mark.parametrize("target", [0, CAT, DOG, BEAGLE])
def test_the_gradient_is_finite_when_the_network_is_sure_and_wrong(target):
    logits = torch.tensor([[200.0, -200.0, -300.0], [-200.0, 200.0, 300.0]], requires_grad=True)
    NodeCrossEntropy(ANIMALS)((logits,), torch.tensor([target, DOG]), 0.1).sum().backward()
    assert logits.grad.isfinite().all()


def test_the_gradient_of_an_inner_target_moves_its_leaves_together():
    logits = torch.zeros(1, 3, requires_grad=True)
    NodeCrossEntropy(ANIMALS)((logits,), torch.tensor([DOG])).sum().backward()
    # p - p·[below the target] / P(target), with p = 1/3 and P(dog) = 2/3
    torch.testing.assert_close(logits.grad, torch.tensor([[1 / 3, -1 / 6, -1 / 6]]))
