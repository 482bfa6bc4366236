import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from strategies import taxonomies
from torch.nn import functional as F

from labeltree.errors import ConfigError
from labeltree.losses import PathCrossEntropy
from labeltree.taxonomy import Taxonomy

ANIMALS = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
ROOT, CAT, DOG, BEAGLE, PUG = range(5)
# One softmax over cat, dog, beagle, pug: 1/16, 3/16, 8/16, 4/16.
OUTPUTS = (torch.tensor([[1.0, 3.0]]).log(), torch.tensor([[8.0, 4.0]]).log())


def level_weights(taxonomy, generator):
    return tuple(generator.uniform(0.1, 5, size=taxonomy.depth).tolist())


def torchs_own(taxonomy, logits, target, weights, smoothing):
    """`F.cross_entropy` of the outputs that take part, scaled to the weight of their levels."""
    path = taxonomy.path_to(target)
    if not path:
        return torch.zeros(())
    share = np.array(weights) / sum(weights)
    known = logits[: taxonomy.level(len(path)).stop - 1]
    soft = torch.zeros_like(known)
    reached = share[: len(path)].sum()
    soft[np.array(path) - 1] = torch.from_numpy(share[: len(path)] / reached).to(known)
    return reached * F.cross_entropy(known, soft, label_smoothing=smoothing)


@pytest.mark.parametrize(
    ("target", "coarse", "fine"),
    [(ROOT, 1, 1), (CAT, 1 / 4, 1), (DOG, 3 / 4, 1), (BEAGLE, 3 / 16, 1 / 2), (PUG, 3 / 16, 1 / 4)],
)
def test_animals_by_hand(target, coarse, fine):
    loss = PathCrossEntropy(ANIMALS)(OUTPUTS, torch.tensor([target]))
    assert loss.item() == pytest.approx(-(math.log(coarse) + math.log(fine)) / 2)


def test_given_weights_count_by_their_ratio():
    loss = PathCrossEntropy(ANIMALS, (3, 1))(OUTPUTS, torch.tensor([BEAGLE]))
    assert loss.item() == pytest.approx(-(0.75 * math.log(3 / 16) + 0.25 * math.log(1 / 2)))
    twice = PathCrossEntropy(ANIMALS, (6, 2))(OUTPUTS, torch.tensor([BEAGLE]))
    assert torch.equal(loss, twice)


def test_smoothing_by_hand():
    loss = PathCrossEntropy(ANIMALS)(OUTPUTS, torch.tensor([BEAGLE]), 0.2)
    soft = {1 / 16: 0.05, 3 / 16: 0.4 + 0.05, 8 / 16: 0.4 + 0.05, 4 / 16: 0.05}
    assert loss.item() == pytest.approx(-sum(share * math.log(p) for p, share in soft.items()))


def test_the_papers_110_outputs_with_two_halves():
    taxonomy = Taxonomy.from_paths([f"{i}/{j}" for i in range(10) for j in range(10)])
    loss = PathCrossEntropy(taxonomy)
    assert loss.output_sizes == (10, 100)
    logits = torch.randn(100, 110, generator=torch.Generator().manual_seed(0))
    classes = torch.arange(100)
    soft = 0.5 * F.one_hot(classes // 10, 110) + 0.5 * F.one_hot(10 + classes, 110)
    values = loss(logits.split((10, 100), 1), torch.from_numpy(taxonomy.leaves))
    torch.testing.assert_close(values, F.cross_entropy(logits, soft, reduction="none"))


def test_what_is_answered_perfectly_costs_the_entropy_of_the_target():
    logits = torch.tensor([[-90.0, 9.0]]), torch.tensor([[9.0, -90.0]])
    assert PathCrossEntropy(ANIMALS)(logits, torch.tensor([BEAGLE])).item() == pytest.approx(
        math.log(2)
    )


@given(taxonomies(), st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.1]))
def test_any_node_of_any_tree_as_torch_says(taxonomy, seed, smoothing):
    generator = np.random.default_rng(seed)
    weights = level_weights(taxonomy, generator)
    loss = PathCrossEntropy(taxonomy, weights)
    targets = generator.integers(taxonomy.num_nodes, size=6)
    logits = torch.from_numpy(generator.normal(0, 3, (6, taxonomy.num_nodes - 1))).float()
    ours, theirs = logits.clone().requires_grad_(), logits.clone().requires_grad_()

    values = loss(ours.split(loss.output_sizes, 1), torch.from_numpy(targets), smoothing)
    expected = torch.stack(
        [
            torchs_own(taxonomy, row, int(target), weights, smoothing)
            for row, target in zip(theirs, targets, strict=True)
        ]
    )
    torch.testing.assert_close(values, expected, atol=1e-5, rtol=1e-5)
    scale = torch.arange(1.0, 7)
    (values * scale).sum().backward()
    (expected.float() * scale + 0 * theirs.sum()).sum().backward()
    torch.testing.assert_close(ours.grad, theirs.grad, atol=1e-5, rtol=1e-5)


@given(taxonomies(), st.integers(0, 2**32 - 1))
def test_the_minimum_is_each_levels_distribution_among_those_that_reach_it(taxonomy, seed):
    """Labels of all depths for one picture: at their own frequencies no gradient is left."""
    generator = np.random.default_rng(seed)
    frequency = generator.dirichlet(np.ones(taxonomy.num_nodes))
    below = frequency.copy()
    for node in range(taxonomy.num_nodes - 1, 0, -1):
        below[taxonomy.parents[node]] += below[node]
    weights = level_weights(taxonomy, generator)
    loss = PathCrossEntropy(taxonomy, weights)
    outputs = []
    for depth, weight in enumerate(weights, start=1):
        level = below[taxonomy.level(depth)]
        logits = torch.from_numpy(np.log(weight * level / level.sum())).float()
        outputs.append(logits.requires_grad_())
    nodes = torch.arange(taxonomy.num_nodes)
    values = loss(tuple(logits.expand(len(nodes), -1) for logits in outputs), nodes)
    (values * torch.from_numpy(frequency)).sum().backward()
    for logits in outputs:
        torch.testing.assert_close(logits.grad, torch.zeros_like(logits), atol=1e-5, rtol=0)


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_what_is_not_known_gets_no_gradient(smoothing):
    outputs = tuple(logits.clone().requires_grad_() for logits in OUTPUTS)
    PathCrossEntropy(ANIMALS)(outputs, torch.tensor([CAT]), smoothing).sum().backward()
    assert outputs[0].grad.abs().sum() > 0
    assert not outputs[1].grad.any()


@pytest.mark.parametrize("target", range(5))
def test_the_gradient_is_finite_when_the_network_is_sure_and_wrong(target):
    outputs = tuple(
        torch.tensor([row, row[::-1]], requires_grad=True) for row in ([300.0, -300.0], [-9e3, 9e3])
    )
    values = PathCrossEntropy(ANIMALS)(outputs, torch.tensor([target, ROOT]), 0.1)
    assert values.isfinite().all()
    values.sum().backward()
    assert all(logits.grad.isfinite().all() for logits in outputs)


@pytest.mark.parametrize(
    "weights", [(1.0,), (1.0, 1.0, 1.0), (1.0, 0.0), (1.0, -1.0), (1.0, math.nan), (math.inf, 1.0)]
)
def test_weights_that_do_not_fit(weights):
    message = r"needs 2 positive numbers, one for each level.*\(level 1, level 2\)"
    with pytest.raises(ConfigError, match=message) as info:
        PathCrossEntropy(ANIMALS, weights)
    assert "\n" not in str(info.value)
