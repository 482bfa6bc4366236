import copy
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load, save
from strategies import taxonomies
from torch import nn

from labeltree.backbones import Backbone, make_backbone
from labeltree.errors import ConfigError
from labeltree.methods import make_method
from labeltree.methods.multilabel import MultilabelConfig
from labeltree.methods.multilabel.growing import grown, wake
from labeltree.methods.multilabel.network import Multilabel
from labeltree.taxonomy import Taxonomy, make_label_sets

WIDE = [f"{group}/{number:02}" for group in "bcd" for number in range(19)]

# Each tree holds the one before; new labels come before old ones, so that numbers shift.
STORIES = {
    "animals": [
        ["cat", "dog/beagle", "dog/pug"],
        ["ant", "cat", "dog/akita", "dog/beagle", "dog/pug"],
        ["ant", "bee", "cat", "dog/akita", "dog/beagle", "dog/boxer", "dog/pug"],
    ],
    "unequal": [
        ["a/b/c/d", "a/b/c/e", "a/b/f", "g", "h/i"],
        ["a/b/c/d", "a/b/c/e", "a/b/c/ee", "a/b/f", "a/bb", "g", "h/hh", "h/i"],
        ["0", "a/b/c/d", "a/b/c/e", "a/b/c/ee", "a/b/ee", "a/b/f", "a/bb", "g", "h/hh", "h/i"],
    ],
    "wide": [WIDE, ["a", *WIDE, "b/new", "d/new"], ["a", *WIDE, "b/new", "c/new", "d/new"]],
    "one level": [["b", "c"], ["a", "b", "c", "d"], ["a", "aa", "b", "c", "d"]],
}


def stage_backbone() -> Backbone:
    """Many features and a logit scale of 1."""
    stages = [
        nn.Sequential(nn.Conv2d(i, o, 3, stride=2), nn.BatchNorm2d(o), nn.ReLU())
        for i, o in pairwise((3, 16, 70))
    ]
    return Backbone(stages, nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()), 70)


BACKBONES = {
    "slim": lambda: make_backbone("slim"),
    "scale 1": stage_backbone,
    "preresnet20": lambda: make_backbone("preresnet20"),
}


def trained(taxonomy: Taxonomy, backbone: Backbone, **options) -> Multilabel:
    """Weights and batch norm statistics that are not those of the start, and large logits."""
    method = Multilabel(taxonomy, backbone, MultilabelConfig(**options))
    method(torch.randn(16, 3, 32, 32))
    with torch.no_grad():
        for block in method.head.blocks:
            block.weight.mul_(20)
            block.bias.normal_()
    return method.eval()


def answers(method: Multilabel, images: torch.Tensor) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Presence and probability of every node, by its path."""
    with torch.no_grad():
        outputs = method(images)
    tree = method.taxonomy
    presence = tree.roll_up_max(method.presence(outputs).numpy())
    probabilities = method.node_probabilities(outputs).numpy()
    return {path: (presence[:, i], probabilities[:, i]) for i, path in enumerate(tree.paths)}


def unchanged(before: dict, after: dict) -> bool:
    return all(
        np.array_equal(old, new)
        for path in before
        for old, new in zip(before[path], after[path], strict=True)
    )


@pytest.mark.parametrize("backbone", BACKBONES)
@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("batch", [1, 7, 64])
def test_every_old_node_is_answered_as_before_bit_for_bit(story, backbone, batch):
    torch.manual_seed(0)
    trees = [Taxonomy.from_paths(paths) for paths in STORIES[story]]
    images = torch.randn(batch, 3, 32, 32)
    first = trained(trees[0], BACKBONES[backbone]())
    second = grown(first, trees[1])
    before, asleep = answers(first, images), answers(second, images)
    assert unchanged(before, asleep)
    for path in asleep.keys() - before.keys():
        assert all((values == 0).all() for values in asleep[path])
    wake(second)
    awake = answers(second, images)
    assert all((awake[path][0] > 0).all() for path in awake)
    third = grown(second, trees[2])
    assert unchanged(awake, answers(third, images))
    assert third.config.added == tuple(
        tuple(path for path in new.paths if path not in old) for old, new in pairwise(trees)
    )


@given(taxonomies(max_leaves=8, max_depth=4), st.data())
def test_any_tree_may_grow_below_any_inner_node(tree, data):
    inner = [path for path, leaf in zip(tree.paths, tree.is_leaf, strict=True) if not leaf]
    below = data.draw(st.lists(st.sampled_from(inner), min_size=1, max_size=4))
    new = [f"{path}/new {i}".lstrip("/") for i, path in enumerate(below)]
    # A new leaf stands before the old labels or behind them; those keep their order.
    front = [path for path in new if data.draw(st.booleans())]
    larger = Taxonomy.from_paths(
        [*(path for path in front if "/" not in path), *tree.paths[1:], *new]
    )
    torch.manual_seed(data.draw(st.integers(0, 99)))
    method = trained(tree, stage_backbone(), dropout=0.5)
    images = torch.randn(5, 3, 16, 16)
    after = grown(method, larger)
    assert unchanged(answers(method, images), answers(after, images))
    assert sorted(after.config.added[0]) == sorted(new)
    assert after.config.dropout == 0.5


def test_without_any_old_label_present_nothing_changes_either():
    torch.manual_seed(0)
    trees = [Taxonomy.from_paths(paths) for paths in STORIES["animals"]]
    method = trained(trees[0], make_backbone("slim"))
    nn.init.constant_(method.head.blocks[0].bias, -70 / 0.125)
    images = torch.randn(7, 3, 32, 32)
    assert unchanged(answers(method, images), answers(grown(method, trees[1]), images))


def test_a_new_leaf_sleeps_at_the_same_logit_whatever_the_image():
    trees = [Taxonomy.from_paths(paths) for paths in STORIES["animals"]]
    larger = grown(trained(trees[0], make_backbone("slim")), trees[1])
    logits = larger(1e3 * torch.randn(3, 3, 32, 32))[0]
    new = [larger.taxonomy.leaf_index[larger.taxonomy.find(path)] for path in ("ant", "dog/akita")]
    assert (logits[:, new] == -128).all()


def test_in_half_precision_too():
    torch.manual_seed(0)
    trees = [Taxonomy.from_paths(paths) for paths in STORIES["unequal"]]
    method = trained(trees[0], make_backbone("slim"))
    larger = grown(method, trees[1])
    images = torch.randn(7, 3, 32, 32)
    with torch.autocast("cpu", torch.bfloat16):
        assert unchanged(answers(method, images), answers(larger, images))


@pytest.mark.parametrize("scale", [1 / 3, 0.1, 7.0])
def test_every_logit_scale_falls_asleep_and_wakes(scale):
    trees = [Taxonomy.from_paths(paths) for paths in STORIES["animals"]]
    backbone = stage_backbone()
    backbone.logit_scale = scale
    method = trained(trees[0], backbone)
    larger = grown(method, trees[1])
    images = torch.randn(3, 3, 32, 32)
    assert unchanged(answers(method, images), answers(larger, images))
    wake(larger)
    torch.testing.assert_close(rows(larger)["ant"], rows(method)["cat"])


def rows(method: Multilabel) -> dict[str, torch.Tensor]:
    """Weights and bias of each leaf, by its path: read off the logits of unit features."""
    width = method.backbone.num_features
    with torch.no_grad():
        logits = method.head(torch.cat([torch.zeros(1, width), torch.eye(width)]))
    tree = method.taxonomy
    return {tree.paths[leaf]: logits[:, i] for i, leaf in enumerate(tree.leaves)}


@pytest.mark.parametrize("backbone", BACKBONES)
def test_a_leaf_wakes_as_the_mean_of_its_siblings(backbone):
    torch.manual_seed(0)
    trees = [Taxonomy.from_paths(paths) for paths in STORIES["animals"]]
    first = trained(trees[0], BACKBONES[backbone]())
    second = grown(first, trees[1])
    old = rows(first)
    wake(second)
    new = rows(second)
    torch.testing.assert_close(new["ant"], old["cat"])  # its one sibling that is a leaf
    torch.testing.assert_close(new["dog/akita"], (old["dog/beagle"] + old["dog/pug"]) / 2)
    assert all(torch.equal(new[path], old[path]) for path in old)
    third = grown(second, trees[2])
    wake(third)
    newest = rows(third)
    breeds = new["dog/akita"] + new["dog/beagle"] + new["dog/pug"]
    torch.testing.assert_close(newest["dog/boxer"], breeds / 3)
    torch.testing.assert_close(newest["bee"], (new["ant"] + new["cat"]) / 2)


def test_a_leaf_without_siblings_wakes_as_the_mean_of_all():
    tree = Taxonomy.from_paths(["dog/beagle", "dog/pug", "cow/calf"])
    method = trained(tree, make_backbone("slim"))
    larger = grown(method, Taxonomy.from_paths([*tree.paths[1:], "ant", "bee"]))
    wake(larger)
    mean = torch.stack(list(rows(method).values())).mean(0)
    for path in ("ant", "bee"):  # each other's siblings, but both slept
        torch.testing.assert_close(rows(larger)[path], mean)


def test_what_is_awake_is_not_woken_again():
    torch.manual_seed(0)
    trees = [Taxonomy.from_paths(paths) for paths in STORIES["animals"]]
    method = trained(trees[0], make_backbone("slim"))
    for _ in range(2):  # nothing was added, and once more
        before = copy.deepcopy(method.state_dict())
        wake(method)
        assert all(torch.equal(before[key], value) for key, value in method.state_dict().items())
    twice = grown(grown(method, trees[1]), trees[2])
    wake(twice)
    old, new = rows(method), rows(twice)
    for path in ("dog/akita", "dog/boxer"):  # both slept, whichever growth added them
        torch.testing.assert_close(new[path], (old["dog/beagle"] + old["dog/pug"]) / 2)
    with torch.no_grad():
        twice.head.blocks[2].weight.add_(1)  # as training does
    learned = copy.deepcopy(twice.state_dict())
    wake(twice)
    assert all(torch.equal(learned[key], value) for key, value in twice.state_dict().items())


def test_the_new_network_is_of_its_own_and_in_the_same_mode():
    trees = [Taxonomy.from_paths(paths) for paths in STORIES["animals"]]
    method = trained(trees[0], make_backbone("slim"))
    before = copy.deepcopy(method.state_dict())
    larger = grown(method, trees[1])
    assert not larger.training and grown(method.train(), trees[1]).training
    method.eval()
    assert larger.taxonomy is trees[1] and method.taxonomy is trees[0]
    assert method.config.added == ()
    with torch.no_grad():
        for value in larger.state_dict().values():
            value.zero_()
    assert all(torch.equal(before[key], value) for key, value in method.state_dict().items())
    # Old weights keep their names.
    assert larger.state_dict().keys() - before.keys() == {
        "head.blocks.1.weight",
        "head.blocks.1.bias",
    }


def test_a_grown_network_travels_and_goes_on_growing():
    torch.manual_seed(0)
    trees = [Taxonomy.from_paths(paths) for paths in STORIES["unequal"]]
    larger = grown(grown(trained(trees[0], make_backbone("slim")), trees[1]), trees[2])
    options = larger.config.model_dump(mode="json")
    restored = make_method("multilabel", trees[2], "slim", options).eval()
    restored.load_state_dict(load(save(larger.state_dict())))
    images = torch.randn(7, 3, 32, 32)
    assert unchanged(answers(larger, images), answers(restored, images))
    more = Taxonomy.from_paths([*trees[2].paths[1:], "a/z"])
    assert unchanged(answers(larger, images), answers(grown(restored, more), images))


def test_a_woken_leaf_learns_from_label_sets():
    torch.manual_seed(0)
    trees = [Taxonomy.from_paths(paths) for paths in STORIES["animals"]]
    method = grown(make_method("multilabel", trees[0], "slim"), trees[1])
    wake(method)
    akita, pug = trees[1].find("dog/akita"), trees[1].find("dog/pug")
    sets = torch.from_numpy(make_label_sets(trees[1], [[akita, pug], [pug]] * 8))
    images = torch.randn(16, 3, 32, 32)
    optimizer = torch.optim.Adam(method.parameters(), lr=0.01)
    for _ in range(30):
        optimizer.zero_grad()
        method.loss(method(images), sets).mean().backward()
        optimizer.step()
    presence = method.presence(method(images))[:, trees[1].leaf_index[akita]]
    assert (presence > 0.5).tolist() == [True, False] * 8


OLD = ["cat", "dog/beagle", "dog/pug", "dog/wolf/grey"]


@pytest.mark.parametrize(
    ("paths", "message"),
    [
        (OLD, "^the larger tree has the same 4 leaves; add one at least$"),
        ([*OLD[:2], *OLD[3:], "dog/boxer"], "^the larger tree lacks 'dog/pug'; keep all labels"),
        ([*OLD, "cat/lion"], "^'cat' is a leaf of the network, but has labels below it"),
        ([*OLD, "bird/robin"], "^'bird/robin' is below 'bird', which is new, too; add labels"),
        ([*OLD, "dog/fox/red"], "^'dog/fox/red' is below 'dog/fox', which is new, too"),
        (
            ["cat", "dog/pug", "dog/beagle", "dog/wolf/grey", "ant"],
            "^the larger tree has 'dog/pug' where the old one has 'dog/beagle'; keep the order",
        ),
    ],
)
def test_trees_that_the_network_cannot_grow_to(paths, message):
    method = trained(Taxonomy.from_paths(OLD), make_backbone("slim"))
    with pytest.raises(ConfigError, match=message) as info:
        grown(method, Taxonomy.from_paths(paths))
    assert "\n" not in str(info.value)
