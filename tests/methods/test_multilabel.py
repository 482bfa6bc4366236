from itertools import product
from typing import get_args

import numpy as np
import pytest
import torch
import yaml
from safetensors.torch import load, save

from labeltree.backbones import ScaledLinear, make_backbone
from labeltree.errors import ConfigError
from labeltree.losses import LOSSES
from labeltree.methods import METHODS, make_method
from labeltree.methods.flat.network import Flat
from labeltree.methods.multilabel import MultilabelConfig
from labeltree.methods.multilabel.head import Head
from labeltree.methods.multilabel.network import Multilabel
from labeltree.taxonomy import Taxonomy, make_label_sets

ANIMALS = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
SIX = Taxonomy.from_paths(["a/b", "a/c/d", "a/c/e", "f/g", "f/h", "i"])
KINDS = get_args(MultilabelConfig.model_fields["loss"].annotation)


@pytest.fixture
def logits():
    return 3 * torch.randn(5, 6, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def method(new_backbone):
    torch.manual_seed(0)
    return Multilabel(SIX, new_backbone(), MultilabelConfig())


def test_every_outcome_of_independent_sigmoids_given_that_one_leaf_is_present(method, logits):
    chance = logits.double().sigmoid()
    alone = torch.zeros(5, 6, dtype=torch.float64)
    total = torch.zeros(5, dtype=torch.float64)
    for outcome in product([False, True], repeat=6):
        there = torch.tensor(outcome)
        probability = torch.where(there, chance, 1 - chance).prod(1)
        total += probability
        if there.sum() == 1:
            alone[:, there] += probability[:, None]
    torch.testing.assert_close(total, torch.ones(5, dtype=torch.float64))
    given_one = alone / alone.sum(1, keepdim=True)
    nodes = method.node_probabilities((logits,))
    torch.testing.assert_close(nodes[:, SIX.leaves], given_one.float())
    np.testing.assert_allclose(nodes, SIX.roll_up(given_one.numpy()), rtol=1e-6)


def test_presence_is_each_leafs_own(method, logits):
    presence = method.presence((logits,))
    assert presence.dtype == torch.float32
    torch.testing.assert_close(presence, logits.sigmoid())
    changed = logits.clone()
    changed[:, 2] += 5
    others = [0, 1, 3, 4, 5]
    assert torch.equal(method.presence((changed,))[:, others], presence[:, others])
    assert method.presence((logits.bfloat16(),)).dtype == torch.float32


def test_presence_of_a_puggle_by_hand(new_backbone):
    method = Multilabel(ANIMALS, new_backbone(), MultilabelConfig())
    logits = torch.tensor([[0.1, 0.8, 0.9]]).logit()
    presence = method.presence((logits,))
    torch.testing.assert_close(presence, torch.tensor([[0.1, 0.8, 0.9]]))
    odds = torch.tensor([1 / 9, 4.0, 9.0])  # of cat, beagle and pug
    nodes = method.node_probabilities((logits,))[0, ANIMALS.leaves]
    torch.testing.assert_close(nodes, odds / odds.sum())


def test_a_value_is_the_same_wherever_it_stands(method):
    # torch's float32 sigmoid fails here: whole vectors and what is left over round otherwise.
    logits = 5 * torch.randn(64, 6, generator=torch.Generator().manual_seed(2))
    one_by_one = torch.cat([method.presence((row[None],)) for row in logits])
    assert torch.equal(method.presence((logits,)), one_by_one)


def test_the_options_name_losses_of_the_table():
    assert set(KINDS) == {
        "binary-cross-entropy",
        "multilabel-soft-margin",
        "multilabel-margin",
        "asymmetric",
    }
    assert set(KINDS) <= LOSSES.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_the_loss_is_that_of_the_options_for_nodes_and_for_label_sets(kind, new_backbone, images):
    torch.manual_seed(0)
    method = Multilabel(SIX, new_backbone(), MultilabelConfig(loss=kind))
    outputs = method(images)
    nodes = torch.arange(8) % SIX.num_nodes
    leaves = SIX.leaves.tolist()
    sets = torch.from_numpy(make_label_sets(SIX, [[leaves[i % 5], leaves[5]] for i in range(8)]))
    criterion = LOSSES[kind](SIX)
    for targets in (nodes, sets):
        loss = method.loss(outputs, targets)
        assert loss.shape == (8,) and loss.dtype == torch.float32
        assert torch.equal(loss, criterion(outputs, targets, 0.0))
    loss.mean().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in method.parameters())


def test_label_smoothing_reaches_the_loss(method, images):
    outputs, targets = method(images), torch.from_numpy(SIX.leaves)[torch.arange(8) % 6]
    assert not torch.equal(method.loss(outputs, targets, 0.1), method.loss(outputs, targets))


def test_it_learns_several_labels_of_one_image(images, new_backbone):
    torch.manual_seed(0)
    method = Multilabel(ANIMALS, new_backbone(), MultilabelConfig())
    shown = [[3, 4], [1], [1, 3], [4], [1, 4], [3], [1, 3, 4], [3]]
    sets = torch.from_numpy(make_label_sets(ANIMALS, shown))
    optimizer = torch.optim.Adam(method.parameters(), lr=0.03)
    for _ in range(60):
        optimizer.zero_grad()
        method.loss(method(images), sets).mean().backward()
        optimizer.step()
    there = method.presence(method(images)) > 0.5
    assert [ANIMALS.leaves[row].tolist() for row in there.numpy()] == shown


@pytest.mark.parametrize("name", ["tiny", "slim"])
def test_it_starts_as_flat(name, new_backbone):
    states = []
    for build in (Flat, lambda tree, backbone: Multilabel(tree, backbone, MultilabelConfig())):
        torch.manual_seed(7)
        backbone = new_backbone() if name == "tiny" else make_backbone("slim")
        states.append(build(SIX, backbone).state_dict())
    flats, ours = states
    assert list(ours) == [key.replace("head.", "head.blocks.0.") for key in flats]
    assert all(torch.equal(a, b) for a, b in zip(ours.values(), flats.values(), strict=True))


def test_dropout_is_of_the_features_and_of_training_only(new_backbone, images):
    torch.manual_seed(0)
    method = Multilabel(SIX, new_backbone(), MultilabelConfig(dropout=0.5))
    assert not torch.equal(method(images)[0], method(images)[0])
    method.eval()
    features = method.backbone(images)
    assert torch.equal(method(images)[0], method.head(features))
    method.train()
    method.dropout.p = 0.0  # as a later training may set it
    assert torch.equal(method(images)[0], method(images)[0])


def test_a_block_has_the_same_logits_alone_and_in_a_head_that_grew():
    features = torch.randn(64, 128, generator=torch.Generator().manual_seed(3))
    backbone = make_backbone("slim")
    added = [["a/c/e"], ["i", "a/b"]]
    for batch in (1, 7, 64):
        head = Head(SIX, backbone, added)
        logits = head(features[:batch])
        leaves = [["f/g", "f/h", "a/c/d"], *added]
        for block, paths in zip(head.blocks, leaves, strict=True):
            columns = [SIX.leaf_index[SIX.find(path)] for path in paths]
            assert torch.equal(logits[:, columns], block(features[:batch]))


def test_the_first_block_has_leaf_order_and_later_ones_their_own():
    head = Head(SIX, make_backbone("slim"), [["i", "a/b"]])
    for number, block in enumerate(head.blocks):
        assert isinstance(block, ScaledLinear)
        torch.nn.init.zeros_(block.weight)
        block.bias.data = 8 * (10 * number + torch.arange(block.out_features, dtype=torch.float32))
    order = ["i", "a/b", "f/g", "f/h", "a/c/d", "a/c/e"]
    assert [SIX.paths[leaf] for leaf in SIX.leaves] == order
    assert head(torch.zeros(1, 128)).tolist() == [[10, 11, 0, 1, 2, 3]]
    assert list(head.state_dict()) == [f"blocks.{i}.{name}" for i in (0, 1)
                                       for name in ("weight", "bias")]  # fmt: skip


@pytest.mark.parametrize(
    ("added", "message"),
    [
        ([["dog/pugg"]], r"^added: label 'dog/pugg' is not in .*; did you mean 'dog/pug'\?$"),
        ([["dog"]], "^added: 'dog' is an inner node of the tree; name leaves only$"),
        ([["dog/pug", "dog/pug"]], "^added: 'dog/pug' stands in it twice; name it once$"),
        ([["dog/pug"], ["dog/pug"]], "^added: 'dog/pug' stands in it twice; name it once$"),
        ([["dog/pug"], []], "^added: growth 2 has no leaf; leave it out$"),
        ([["dog/pug"], ["cat", "dog/beagle"]], "^added holds all 3 leaves of the tree; leave out"),
        ([[""]], "^added: '' is an inner node"),
    ],
)
def test_growths_that_do_not_fit_the_tree(added, message):
    with pytest.raises(ConfigError, match=message) as info:
        make_method("multilabel", ANIMALS, "slim", {"added": added})
    assert "\n" not in str(info.value)


@pytest.mark.parametrize(
    "options",
    [
        {"loss": "hinge"},
        {"loss": "node-cross-entropy"},
        {"dropout": 1.0},
        {"dropout": -0.1},
        {"dropout": float("nan")},
        {"added": ["dog/pug"]},
        {"added": [[3]]},
        {"add": []},
    ],
)
def test_options_that_are_none(options):
    with pytest.raises(ConfigError) as info:
        MultilabelConfig(**options)
    assert "\n" not in str(info.value)


@pytest.mark.parametrize("added", [(), (("0", "dög/1e3"), ("a,b: [c]",)), (("yes",), ("null",))])
def test_options_survive_json_and_yaml(added):
    config = MultilabelConfig(loss="asymmetric", dropout=0.25, added=added)
    assert MultilabelConfig.model_validate_json(config.model_dump_json()) == config
    assert MultilabelConfig(**yaml.safe_load(yaml.safe_dump(config.model_dump(mode="json")))) == (
        config
    )
    assert config.added == added


def test_weights_with_growths_travel_as_safetensors(images):
    options = {"added": [["a/c/e"], ["i", "a/b"]]}
    method, restored = (make_method("multilabel", SIX, "slim", options) for _ in range(2))
    method(images)
    assert {"head.blocks.0.weight", "head.blocks.2.bias"} <= method.state_dict().keys()
    assert not any("order" in key or "roll_up" in key for key in method.state_dict())
    restored.load_state_dict(load(save(method.state_dict())))
    assert torch.equal(method.eval()(images)[0], restored.eval()(images)[0])


def test_forward_is_one_graph_of_tensor_operations(images):
    method = make_method("multilabel", SIX, "slim", {"added": [["i", "a/b"]], "dropout": 0.3})
    method.eval()
    program = torch.export.export(
        method, (images,), dynamic_shapes=({0: torch.export.Dim("batch", min=1)},)
    )
    for batch in (images, images[:3]):
        torch.testing.assert_close(program.module()(batch)[0], method(batch)[0])


def test_it_alone_learns_from_label_sets():
    assert [name for name, entry in METHODS.items() if entry.label_sets] == ["multilabel"]
