"""What every loss of the table keeps."""

import pytest
import torch
from small_trees import TAXONOMIES

from labeltree.losses import LOSSES


@pytest.fixture(params=TAXONOMIES)
def taxonomy(request):
    return TAXONOMIES[request.param]


@pytest.fixture(params=LOSSES)
def loss(request, taxonomy):
    return LOSSES[request.param](taxonomy)


@pytest.fixture
def targets(taxonomy):
    return torch.arange(taxonomy.num_nodes)


@pytest.fixture
def outputs(loss, targets):
    generator = torch.Generator().manual_seed(0)
    return tuple(torch.randn(len(targets), n, generator=generator) for n in loss.output_sizes)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_one_finite_float32_for_each_image(loss, outputs, targets, smoothing):
    values = loss(outputs, targets, smoothing)
    assert values.shape == targets.shape
    assert values.dtype == torch.float32
    assert values.isfinite().all()
    assert (values >= -1e-6).all()


def test_each_image_counts_for_itself(loss, outputs, targets):
    alone = [
        loss(tuple(x[i : i + 1] for x in outputs), targets[i : i + 1]) for i in range(len(targets))
    ]
    torch.testing.assert_close(torch.cat(alone), loss(outputs, targets))


def test_half_precision_logits_are_computed_in_full(loss, outputs, targets):
    half = tuple(x.bfloat16() for x in outputs)
    full = tuple(x.float() for x in half)
    assert torch.equal(loss(half, targets), loss(full, targets))


def test_the_root_says_nothing(loss, outputs):
    nothing = loss(tuple(x[:1] for x in outputs), torch.tensor([0]))
    assert nothing.item() == pytest.approx(0, abs=1e-6)


def test_it_adds_nothing_to_the_state_dict(loss):
    assert not loss.state_dict()
