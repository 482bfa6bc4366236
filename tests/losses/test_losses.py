"""What every loss of the table keeps."""

import pytest
import torch
from small_trees import TAXONOMIES

from labeltree.errors import ConfigError
from labeltree.losses import LOSSES
from labeltree.losses.leaf_targets import LeafTargets
from labeltree.taxonomy.label_sets import make_label_sets

ONE_LABEL = [(name, False) for name in LOSSES]
LABEL_SETS = [(name, True) for name, loss in LOSSES.items() if loss.takes_label_sets]


@pytest.fixture(params=TAXONOMIES)
def taxonomy(request):
    return TAXONOMIES[request.param]


@pytest.fixture(params=ONE_LABEL + LABEL_SETS, ids=lambda case: case[0] + ", sets" * case[1])
def case(request):
    return request.param


@pytest.fixture
def loss(case, taxonomy):
    return LOSSES[case[0]](taxonomy)


@pytest.fixture
def targets(case, taxonomy):
    nodes = torch.arange(taxonomy.num_nodes)
    return label_sets(taxonomy) if case[1] else nodes


def label_sets(taxonomy):
    """Each node alone; all leaves; the first leaf, all else below the root not annotated."""
    alone = [[node] for node in range(taxonomy.num_nodes)]
    present = [*alone, taxonomy.leaves.tolist(), taxonomy.leaves[:1].tolist()]
    sets = make_label_sets(taxonomy, present, [*([] for _ in alone), [], [0]])
    return torch.from_numpy(sets)


@pytest.fixture
def outputs(loss, targets):
    return tuple(normal(len(targets), size) for size in loss.output_sizes)


def normal(*shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_one_finite_float32_for_each_image(loss, outputs, targets, smoothing):
    values = loss(outputs, targets, smoothing * loss.takes_label_smoothing)
    assert values.shape == targets.shape[:1]
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


def test_the_root_says_nothing(loss, outputs, targets):
    nothing = loss(tuple(x[:1] for x in outputs), targets[:1])
    assert nothing.item() == pytest.approx(0, abs=1e-6)


def test_it_adds_nothing_to_the_state_dict(loss):
    assert not loss.state_dict()


@pytest.mark.parametrize("name", LOSSES)
def test_label_smoothing_is_taken_or_refused_in_one_line(name):
    loss = LOSSES[name](TAXONOMIES["animals"])
    outputs, cat = tuple(torch.eye(1, n) for n in loss.output_sizes), torch.tensor([1])
    if loss.takes_label_smoothing:
        assert loss(outputs, cat, 0.1) != loss(outputs, cat)
        return
    with pytest.raises(ConfigError, match=rf"^{name} .*training\.label_smoothing=0") as info:
        loss(outputs, cat, 0.1)
    assert "\n" not in str(info.value)


@pytest.mark.parametrize("name", [name for name, _ in LABEL_SETS])
class TestLabelSets:
    def test_one_label_is_a_set_of_one(self, name, taxonomy):
        loss = LOSSES[name](taxonomy)
        nodes = torch.arange(taxonomy.num_nodes)
        logits = normal(len(nodes), taxonomy.num_leaves)
        values = loss((logits,), nodes)
        assert torch.equal(values, loss((logits,), nodes[:, None]))
        padded = torch.stack([nodes, torch.full_like(nodes, -1)], dim=1)
        assert torch.equal(values, loss((logits,), padded))

    @pytest.mark.parametrize("smoothing", [0.0, 0.1])
    def test_what_is_not_known_gets_no_gradient(self, name, taxonomy, smoothing):
        loss = LOSSES[name](taxonomy)
        sets = label_sets(taxonomy)
        logits = normal(len(sets), taxonomy.num_leaves).requires_grad_()
        loss((logits,), sets, smoothing * loss.takes_label_smoothing).sum().backward()
        _, known = LeafTargets(taxonomy)(logits, sets)
        assert (logits.grad[~known] == 0).all()

    def test_the_gradient_is_finite_when_the_network_is_sure_and_wrong(self, name, taxonomy):
        loss = LOSSES[name](taxonomy)
        sets = label_sets(taxonomy)
        for sure in (-300.0, 300.0):
            logits = torch.full((len(sets), taxonomy.num_leaves), sure, requires_grad=True)
            values = loss((logits,), sets)
            values.sum().backward()
            assert values.isfinite().all()
            assert logits.grad.isfinite().all()
