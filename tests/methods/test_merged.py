import pytest
import torch
from torch import nn
from torch.nn import functional as F

from labeltree.errors import ConfigError
from labeltree.methods.flat.network import Flat
from labeltree.methods.merged import MergedConfig
from labeltree.methods.merged.network import Merged
from labeltree.taxonomy import Taxonomy

TWO = Taxonomy.from_paths(["a/b", "a/c", "d/e", "d/f", "d/g"])
THREE = Taxonomy.from_paths(["a/b/c", "a/b/d", "e/f/g", "e/h/i"])
CLASSES = torch.tensor([0, 1, 2, 3, 4, 0, 1, 2])
PARENTS = torch.tensor([0, 0, 1, 1, 1, 0, 0, 1])


def merged(taxonomy, new_backbone, merge_point, seed=0):
    torch.manual_seed(seed)
    return Merged(taxonomy, new_backbone, merge_point)


def size(*modules):
    return sum(p.numel() for module in modules for p in module.parameters())


@pytest.mark.parametrize("merge_point", [0, 1, 2, 3, "separate"])
def test_what_is_shared(new_backbone, merge_point):
    whole = new_backbone()
    point = 0 if merge_point == "separate" else merge_point
    own = [*whole.stages[point:], whole.pool] if point < 3 else []
    heads = [nn.Linear(8, 5), nn.Linear(8, 2)]
    method = merged(TWO, new_backbone, merge_point)
    assert size(method) == size(whole, *heads, *own)


def test_a_merge_point_for_each_level(new_backbone):
    whole = new_backbone()
    method = merged(THREE, new_backbone, (1, 2))
    heads = [nn.Linear(8, nodes) for nodes in (2, 3, 4)]
    own = [*whole.stages[1:], whole.pool, *whole.stages[2:], whole.pool]
    assert size(method) == size(whole, *heads, *own)


@pytest.mark.parametrize("merge_point", [0, "separate"])
def test_nothing_shared_gives_the_gradients_of_two_networks(new_backbone, images, merge_point):
    method = merged(TWO, new_backbone, merge_point)
    targets = torch.from_numpy(TWO.leaves)[CLASSES]
    method.loss(method(images), targets, 0.1).mean().backward()

    coarse, fine = new_backbone(), new_backbone()
    networks = (
        nn.Sequential(*coarse.stages, coarse.pool, nn.Linear(8, 2)),
        nn.Sequential(*fine.stages, fine.pool, nn.Linear(8, 5)),
    )
    networks[0].load_state_dict(method.branches[0].state_dict())
    whole = nn.Sequential(*method.backbone.stages, method.backbone.pool, method.head)
    networks[1].load_state_dict(whole.state_dict())
    parts = (method.branches[0], whole)
    for network, part, labels in zip(networks, parts, (PARENTS, CLASSES), strict=True):
        F.cross_entropy(network(images), labels, label_smoothing=0.1).backward()
        for alone, together in zip(network.parameters(), part.parameters(), strict=True):
            torch.testing.assert_close(together.grad, alone.grad, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("merge_point", [0, 1, 2, 3])
def test_the_coarse_loss_reaches_the_shared_stages_and_its_own(new_backbone, images, merge_point):
    method = merged(TWO, new_backbone, merge_point)
    method(images)[0].square().sum().backward()
    trained = [
        any(p.grad is not None for p in stage.parameters()) for stage in method.backbone.stages
    ]
    assert trained == [stage < merge_point for stage in range(3)]
    assert all(p.grad is not None for p in method.branches.parameters())
    assert all(p.grad is None for p in method.head.parameters())


@pytest.mark.parametrize("merge_point", [0, 1, 2, 3, "separate"])
def test_the_finest_network_starts_as_flat_does(new_backbone, images, merge_point):
    torch.manual_seed(7)
    flat = Flat(TWO, new_backbone())
    method = merged(TWO, new_backbone, merge_point, seed=7)
    assert torch.equal(method(images)[-1], flat(images)[0])


def test_separate_networks_differ_from_each_other_and_from_merge_0(new_backbone):
    separate = merged(THREE, new_backbone, "separate")
    first, second = (branch[0][0].weight for branch in separate.branches)
    zero = merged(THREE, new_backbone, 0).branches[0][0][0].weight
    fine = separate.backbone.stages[0][0].weight
    for a, b in ((first, second), (first, zero), (first, fine), (second, fine)):
        assert not torch.equal(a, b)


def test_a_separate_network_does_not_depend_on_what_its_neighbours_drew(new_backbone):
    # Another coarse level draws more numbers for its classifier; the next network must not care.
    wide = Taxonomy.from_paths(["a/b/c", "a/b/d", "e/f/g", "x/h/i"])
    ours, theirs = (merged(tree, new_backbone, "separate").branches[1] for tree in (THREE, wide))
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.equal(a, b)


def test_levels_of_equal_depth_keep_their_own_softmax(new_backbone, images):
    method = merged(THREE, new_backbone, 1)
    outputs = method(images)
    softmaxes = [torch.ones(8, 1), *(output.softmax(1) for output in outputs)]
    assert torch.equal(method.node_probabilities(outputs), torch.cat(softmaxes, dim=1))


def test_a_merge_point_that_the_backbone_lacks(new_backbone):
    with pytest.raises(ConfigError, match=r"merge point 4 .* 3 stages, choose 0 to 3"):
        Merged(TWO, new_backbone, 4)


def test_a_list_of_the_wrong_length(new_backbone):
    with pytest.raises(ConfigError, match="lists 2 stages; this taxonomy needs 1, one for each"):
        Merged(TWO, new_backbone, (1, 2))


@pytest.mark.parametrize("value", ["seperate", -1, 1.5, True, [1, "separate"], None])
def test_a_merge_point_of_no_known_form(value):
    with pytest.raises(ConfigError, match="expected 'separate', a number of stages from 0 up"):
        MergedConfig(merge_point=value)


@pytest.mark.parametrize("value", [0, 2, "separate", (1, 2)])
def test_a_merge_point_survives_json(value):
    config = MergedConfig(merge_point=value)
    assert MergedConfig.model_validate_json(config.model_dump_json()) == config
    assert config.merge_point == value
