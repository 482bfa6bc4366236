import math

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from labeltree.backbones import make_backbone
from labeltree.decoding import adapt
from labeltree.errors import ConfigError
from labeltree.methods import make_method
from labeltree.methods.category_labels import CategoryLabelsConfig
from labeltree.methods.category_labels.network import CategoryLabels
from labeltree.methods.flat.network import Flat
from labeltree.taxonomy import Taxonomy

ANIMALS = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
TWO = Taxonomy.from_paths(["a/b", "a/c", "d/e", "d/f", "d/g"])


@pytest.fixture
def method(new_backbone):
    torch.manual_seed(0)
    return CategoryLabels(TWO, new_backbone())


def test_one_head_has_an_output_for_every_category_and_every_class():
    tree = Taxonomy.from_paths([f"{i}/{j}" for i in range(10) for j in range(10)])
    method = CategoryLabels(tree, make_backbone("slim"))
    assert method.head.out_features == 110
    outputs = method(torch.zeros(2, 3, 32, 32))
    assert [output.shape for output in outputs] == [(2, 10), (2, 100)]
    assert outputs[0].untyped_storage().data_ptr() == outputs[1].untyped_storage().data_ptr()


def test_class_probabilities_are_the_joint_softmax_renormalised_over_the_classes(method, images):
    outputs = method(images)
    joint = torch.cat(outputs, dim=1).softmax(1)
    categories, classes = joint.split((2, 5), dim=1)
    expected = (
        torch.ones(8, 1),
        categories / categories.sum(1, keepdim=True),
        classes / classes.sum(1, keepdim=True),
    )
    nodes = method.node_probabilities(outputs)
    torch.testing.assert_close(nodes, torch.cat(expected, dim=1))
    assert torch.equal(nodes[:, TWO.leaves].argmax(1), classes.argmax(1))  # the paper's answer


def test_its_loss_is_that_of_the_papers_label_vector(method, images):
    leaves = torch.arange(8) % 5
    targets = torch.from_numpy(TWO.leaves)[leaves]
    categories = torch.from_numpy(TWO.parents)[targets] - 1
    label = 0.5 * F.one_hot(categories, 7) + 0.5 * F.one_hot(2 + leaves, 7)
    outputs = method(images)
    expected = F.cross_entropy(torch.cat(outputs, 1), label, reduction="none", label_smoothing=0.1)
    torch.testing.assert_close(method.loss(outputs, targets, 0.1), expected)


def test_adaptation_makes_the_two_levels_agree(method, images):
    nodes = method.node_probabilities(method(images)).detach().numpy().astype(np.float64)
    rolled_up = TWO.roll_up(nodes[:, TWO.leaves])
    assert np.abs(nodes - rolled_up).max() > 0.01
    adapted = adapt(TWO, nodes)
    np.testing.assert_allclose(TWO.roll_up(adapted[:, TWO.leaves]), adapted, atol=1e-12)
    np.testing.assert_allclose(adapted[:, 1:3], (nodes + rolled_up)[:, 1:3] / 2, atol=1e-12)


@pytest.mark.parametrize("name", ["tiny", "slim"])
def test_the_backbone_starts_as_that_of_flat(name, new_backbone):
    backbones = []
    for kind in (CategoryLabels, Flat):
        torch.manual_seed(7)
        backbone = new_backbone() if name == "tiny" else make_backbone("slim")
        backbones.append(kind(TWO, backbone).backbone.state_dict())
    ours, flats = backbones
    assert ours.keys() == flats.keys()
    assert all(torch.equal(value, flats[key]) for key, value in ours.items())


def test_weights_reach_the_loss(images):
    torch.manual_seed(0)
    method = make_method("category_labels", TWO, "slim", {"weights": [1, 3]})
    outputs = method(images)
    logs = torch.cat(outputs, 1).log_softmax(1)
    targets = torch.full((8,), TWO.find("d/g"))
    expected = -(0.25 * logs[:, TWO.find("d") - 1] + 0.75 * logs[:, TWO.find("d/g") - 1])
    torch.testing.assert_close(method.loss(outputs, targets), expected)


def test_as_many_weights_as_levels():
    with pytest.raises(ConfigError, match=r"weights are \[1\.0\]; this taxonomy needs 2 positive"):
        make_method("category_labels", ANIMALS, "slim", {"weights": [1]})


@pytest.mark.parametrize("weights", [[1, 0], [1, -1], [1, math.nan], [math.inf, 1], ["much"], 0.5])
def test_weights_that_are_none(weights):
    with pytest.raises(ConfigError, match=r"^weights") as info:
        CategoryLabelsConfig(weights=weights)
    assert "\n" not in str(info.value)


@pytest.mark.parametrize("weights", [None, (0.5, 0.5), (1.0, 2.0, 3.0)])
def test_weights_survive_json(weights):
    config = CategoryLabelsConfig(weights=weights)
    assert CategoryLabelsConfig.model_validate_json(config.model_dump_json()) == config
    assert config.weights == weights
