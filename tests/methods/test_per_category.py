import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from strategies import taxonomies
from torch.nn import functional as F

from labeltree.data.scope import ScopeConfig, scoped_tree
from labeltree.errors import ConfigError
from labeltree.methods import find_method
from labeltree.methods.flat.network import Flat
from labeltree.methods.per_category import PerCategoryConfig, build, parts
from labeltree.taxonomy import Taxonomy

ANIMALS = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
DEEP = Taxonomy.from_paths(["a/b/c", "a/b/d", "a/e/f", "g/h/i", "g/h/j", "k"])


def per_category(taxonomy, new_backbone, depth=1):
    torch.manual_seed(0)
    return build(taxonomy, new_backbone, PerCategoryConfig(depth=depth)).eval()


def scopes(taxonomy, depth):
    return {part.name: part.scope for part in parts(taxonomy, PerCategoryConfig(depth=depth))}


def test_a_category_with_one_class_needs_no_network():
    assert scopes(ANIMALS, 1) == {"router": ScopeConfig(depth=1), "dog": ScopeConfig(branch="dog")}
    assert scopes(DEEP, 2) == {
        "router": ScopeConfig(depth=2),
        "a-b": ScopeConfig(branch="a/b"),
        "g-h": ScopeConfig(branch="g/h"),
    }
    assert list(scopes(DEEP, 3)) == ["router"]
    assert find_method("per_category").parts is parts


def test_names_are_folders_of_their_own_on_every_system():
    names = ["router", "Router", "?", "*", "犬", "犬" * 300, " a. ", "..x"]
    tree = Taxonomy.from_paths(f"{name}/{leaf}" for name in names for leaf in (1, 2))
    found = [part.name for part in parts(tree, PerCategoryConfig())]
    assert found == [
        "router", "router-2", "Router-3", "-", "--2", "犬", "犬" * 60, "a", "x",
    ]  # fmt: skip


def test_categories_deeper_than_the_tree():
    message = r"cannot be at depth 3, Taxonomy\(.*2 levels\) is not so deep; choose .*depth=1"
    with pytest.raises(ConfigError, match=message):
        parts(ANIMALS, PerCategoryConfig(depth=3))
    with pytest.raises(ConfigError, match="depth"):
        PerCategoryConfig(depth=0)


def test_probabilities_multiply_by_hand(new_backbone):
    method = per_category(ANIMALS, new_backbone)
    outputs = (torch.tensor([[0.25, 0.75]]).log(), torch.tensor([[0.6, 0.4]]).log())
    nodes = method.node_probabilities(outputs)
    torch.testing.assert_close(nodes, torch.tensor([[1.0, 0.25, 0.75, 0.45, 0.3]]))


@given(taxonomy=taxonomies(), data=st.data(), scale=st.sampled_from([1.0, 50.0]))
def test_any_tree_is_coherent_and_conditional_on_its_categories(
    new_backbone, taxonomy, data, scale
):
    depth = data.draw(st.integers(1, taxonomy.depth))
    method = per_category(taxonomy, new_backbone, depth)
    generator = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    sizes = [network.taxonomy.num_leaves for network in method.networks]
    outputs = tuple(torch.from_numpy(generator.normal(0, scale, (2, size))) for size in sizes)
    nodes = method.node_probabilities(outputs).numpy()

    known = [part.scope for part in parts(taxonomy, PerCategoryConfig(depth=depth))]
    for scope, logits in zip(known, outputs, strict=True):
        tree, numbers = scoped_tree(taxonomy, scope)
        own = tree.roll_up(logits.softmax(1).numpy())
        root = taxonomy.find(scope.branch or "")
        for node in range(taxonomy.num_nodes):
            inside = numbers[node] > 0 and (scope.branch or taxonomy.depths[node] <= depth)
            if inside:
                expected = nodes[:, root] * own[:, numbers[node]]
                np.testing.assert_allclose(nodes[:, node], expected, atol=1e-6)
    leaves = nodes[:, taxonomy.leaves].astype(np.float64)
    np.testing.assert_allclose(taxonomy.roll_up(leaves), nodes, atol=1e-5)
    for level in range(taxonomy.depth + 1):
        np.testing.assert_allclose(nodes[:, taxonomy.cut(level)].sum(1), 1, atol=1e-5)


def test_it_is_its_networks(new_backbone, images):
    method = per_category(DEEP, new_backbone)
    outputs = method(images)
    assert len(outputs) == 3
    for network, output in zip(method.networks, outputs, strict=True):
        assert isinstance(network, Flat)
        assert torch.equal(output, network(images)[0])
    keys = method.state_dict().keys()
    prefixes = tuple(part.prefix for part in parts(DEEP, PerCategoryConfig()))
    assert all(key.startswith(prefixes) for key in keys)
    for number, prefix in enumerate(prefixes):
        part = {key.removeprefix(prefix) for key in keys if key.startswith(prefix)}
        assert part == method.networks[number].state_dict().keys()


def test_the_loss_is_the_sum_of_the_parts_that_the_target_reaches(new_backbone):
    method = per_category(ANIMALS, new_backbone)
    generator = torch.Generator().manual_seed(0)
    outputs = (torch.randn(4, 2, generator=generator), torch.randn(4, 2, generator=generator))
    found = method.loss(outputs, torch.tensor([0, 1, 2, 4]), 0.1)

    def cross_entropy(part, image, label):
        logits = outputs[part][image : image + 1]
        return F.cross_entropy(logits, torch.tensor([label]), label_smoothing=0.1)

    expected = [
        torch.tensor(0.0),  # the root: nothing is known of the category
        cross_entropy(0, 1, 0),
        cross_entropy(0, 2, 1),
        cross_entropy(0, 3, 1) + cross_entropy(1, 3, 1),
    ]
    torch.testing.assert_close(found, torch.stack(expected))


def test_an_image_trains_only_the_networks_that_its_target_reaches(new_backbone, images):
    method = per_category(DEEP, new_backbone)
    targets = torch.tensor([DEEP.find("a/b/c"), DEEP.find("k"), DEEP.find("g")])
    method.loss(method(images[:3]), targets, 0.1).sum().backward()
    moved = [
        any(p.grad is not None and p.grad.any() for p in network.parameters())
        for network in method.networks
    ]
    assert moved == [True, True, False]  # the router, a, g
