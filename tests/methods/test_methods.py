"""What every method of the table keeps."""

import copy
import subprocess
import sys

import pytest
import torch
from safetensors.torch import load, save, save_file

from labeltree.backbones import FittedStem, make_backbone
from labeltree.errors import ConfigError
from labeltree.methods import METHODS, make_method
from labeltree.methods.flat.network import Flat
from labeltree.taxonomy import Taxonomy

ANIMALS = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])


@pytest.fixture(params=METHODS)
def name(request):
    return request.param


@pytest.fixture
def build(name, taxonomy, new_backbone):
    def seeded(seed=0):
        torch.manual_seed(seed)
        entry = METHODS[name]
        return entry.build(taxonomy, new_backbone, entry.config())

    return seeded


@pytest.fixture
def targets(taxonomy):
    """Every node of the tree in turn: all depths in one batch."""
    return torch.arange(8) % taxonomy.num_nodes


def test_every_cut_of_the_node_probabilities_sums_to_one(build, taxonomy, images):
    method = build()
    assert method.taxonomy is taxonomy
    nodes = method.node_probabilities(method(images))
    assert nodes.shape == (8, taxonomy.num_nodes)
    assert nodes.dtype == torch.float32
    assert ((nodes >= 0) & (nodes <= 1 + 1e-6)).all()
    for depth in range(taxonomy.depth + 1):
        torch.testing.assert_close(nodes[:, taxonomy.cut(depth)].sum(1), torch.ones(8))


def test_presence_is_told_where_labels_do_not_exclude_each_other(build, taxonomy, images):
    method = build()
    outputs = method(images)
    if method.exclusive:
        with pytest.raises(NotImplementedError, match="exclude each other"):
            method.presence(outputs)
    else:
        presence = method.presence(outputs)
        assert presence.shape == (8, taxonomy.num_leaves) and presence.dtype == torch.float32
        assert ((presence >= 0) & (presence <= 1)).all()


def test_flat_gives_each_node_the_sum_of_its_children(taxonomy, new_backbone, images):
    method = Flat(taxonomy, new_backbone())
    nodes = method.node_probabilities(method(images))
    for node in set(range(taxonomy.num_nodes)) - set(taxonomy.leaves.tolist()):
        torch.testing.assert_close(nodes[:, taxonomy.children(node)].sum(1), nodes[:, node])


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_targets_of_all_depths_give_finite_losses_and_gradients(build, images, targets, smoothing):
    method = build()
    loss = method.loss(method(images), targets, smoothing)
    assert loss.shape == (8,)
    assert loss.dtype == torch.float32
    assert loss.isfinite().all()
    loss.mean().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in method.parameters())


def test_it_learns_the_images_of_one_batch(build, taxonomy, images):
    method = build()
    targets = torch.from_numpy(taxonomy.leaves)[torch.arange(8) % taxonomy.num_leaves]
    optimizer = torch.optim.Adam(method.parameters(), lr=0.03)
    for _ in range(40):
        optimizer.zero_grad()
        method.loss(method(images), targets).mean().backward()
        optimizer.step()
    answers = method.node_probabilities(method(images))[:, taxonomy.leaves].argmax(1)
    assert taxonomy.leaves[answers.numpy()].tolist() == targets.tolist()


def test_the_seed_settles_the_weights(build, images):
    first, again, other = build(0), build(0), build(1)
    state = again.state_dict()
    assert all(torch.equal(value, state[key]) for key, value in first.state_dict().items())
    assert not torch.equal(first(images)[0], other(images)[0])


def test_weights_travel_as_safetensors(build, images):
    method = build(0)
    method(images)  # moves the batch norm statistics, which must travel too
    restored = build(1)
    restored.load_state_dict(load(save(method.state_dict())))
    for ours, theirs in zip(method.eval()(images), restored.eval()(images), strict=True):
        assert torch.equal(ours, theirs)


def test_a_batch_is_its_images_one_by_one(build, images, targets):
    method = build().eval()
    outputs = method(images)
    alone = [method(image[None]) for image in images]
    for i, output in enumerate(outputs):
        torch.testing.assert_close(output, torch.cat([one[i] for one in alone]))
    loss = [method.loss(one, targets[i : i + 1]) for i, one in enumerate(alone)]
    torch.testing.assert_close(method.loss(outputs, targets), torch.cat(loss))
    nodes = [method.node_probabilities(one) for one in alone]
    torch.testing.assert_close(method.node_probabilities(outputs), torch.cat(nodes))


def test_half_precision_logits_give_float32_answers(build, images, targets):
    method = build()
    half = tuple(output.bfloat16() for output in method(images))
    assert method.loss(half, targets).dtype == torch.float32
    assert method.node_probabilities(half).dtype == torch.float32


def test_a_copy_for_the_moving_average_stands_alone(build, images):
    method = build().eval()
    twin = copy.deepcopy(method)
    before = twin(images)[0]
    with torch.no_grad():
        for parameter in method.parameters():
            parameter.zero_()
    assert torch.equal(twin(images)[0], before)


def test_prepare_fits_the_stem_of_every_backbone_alike(name, images):
    entry = METHODS[name]
    method = entry.build(ANIMALS, lambda: make_backbone("slim"), entry.config())
    stems = [module for module in method.modules() if isinstance(module, FittedStem)]
    before = [stem.filters.clone() for stem in stems]
    method.prepare(images)
    assert stems
    for stem, random in zip(stems, before, strict=True):
        assert torch.equal(stem.filters, stems[0].filters)
        assert not torch.equal(stem.filters, random)


def test_made_by_name(name):
    method = make_method(name, ANIMALS, "slim").eval()
    nodes = method.node_probabilities(method(torch.zeros(2, 3, 32, 32)))
    assert nodes.shape == (2, 5)


def test_weights_go_into_every_backbone(name, tmp_path):
    file = tmp_path / "weights.safetensors"
    backbone = make_backbone("slim")
    save_file(backbone.state_dict(), file)
    method = make_method(name, ANIMALS, "slim", weights=file)
    first = dict(backbone.named_parameters())["stages.2.0.0.weight"]
    twins = [p for p in method.parameters() if p.shape == first.shape and torch.equal(p, first)]
    assert len(twins) == (2 if name in ("merged", "per_category", "routed") else 1)


def test_unknown_names_are_answered_with_the_nearest():
    with pytest.raises(ConfigError, match=r"unknown method 'mergd'; did you mean 'merged'\?"):
        make_method("mergd", ANIMALS, "slim")
    with pytest.raises(ConfigError, match="unknown method 'xyz'; known: flat, merged"):
        make_method("xyz", ANIMALS, "slim")
    with pytest.raises(ConfigError, match=r"did you mean 'merge_point'\?"):
        make_method("merged", ANIMALS, "slim", {"merge_pont": 1})


def test_options_of_another_method_are_refused():
    with pytest.raises(ConfigError, match="merge_point"):
        make_method("flat", ANIMALS, "slim", METHODS["merged"].config())


def test_the_table_imports_no_torch():
    code = "import sys, labeltree.methods; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
