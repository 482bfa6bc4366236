"""Node probabilities averaged over the views of each image, in one process and in several."""

import numpy as np
import pytest
import torch
from accelerate import Accelerator
from small_training import MEAN_STD, TREE, small_collection, small_method

from labeltree.data.config import DataConfig
from labeltree.data.view_loading import make_view_loader
from labeltree.data.views import CROPS, look
from labeltree.metrics import leaf_answers
from labeltree.training.evaluation import answers, node_probabilities, scores


def loader(crops, rank=0, world_size=1, count=11):
    config = DataConfig(crops=crops, evaluation_batch_size=30, workers=0)
    images = small_collection(count)
    return make_view_loader(images, config, MEAN_STD, "cpu", 0, rank, world_size)


class Processes:
    """Stands in for the accelerator of the last of several processes that run one after another."""

    def __init__(self, num_processes):
        self.num_processes = num_processes
        self.device = torch.device("cpu")
        self.gathered = []

    def autocast(self):
        return torch.autocast("cpu", enabled=False)

    def gather(self, mine):
        self.gathered.append(mine)
        return torch.cat(self.gathered)


@pytest.mark.parametrize("name", ["flat", "merged"])
@pytest.mark.parametrize("crops", CROPS)
def test_the_average_is_that_of_the_single_views(name, crops):
    method = small_method(name).eval()
    ours = node_probabilities(method, loader(crops), Accelerator(cpu=True))
    mean, std = (torch.tensor(values)[:, None, None] for values in MEAN_STD)
    images = small_collection(11).images
    for i, row in enumerate(ours):
        image = images.read(i)
        one_by_one = []
        for view in CROPS[crops].plan(*image.size, 16):
            pixels = torch.from_numpy(look(image, [view], 16)).permute(0, 3, 1, 2) / 255
            with torch.no_grad():
                outputs = method((pixels - mean) / std)
                one_by_one.append(method.node_probabilities(outputs)[0].double().numpy())
        np.testing.assert_allclose(row, np.mean(one_by_one, axis=0), atol=2e-6)


@pytest.mark.parametrize("name", ["flat", "merged"])
def test_every_cut_of_the_average_sums_to_one(name):
    rows = node_probabilities(small_method(name), loader("ten"), Accelerator(cpu=True))
    for depth in range(1, TREE.depth + 1):
        np.testing.assert_allclose(rows[:, TREE.cut(depth)].sum(1), 1, atol=1e-6)


@pytest.mark.parametrize("crops", ["one", "ten"])
@pytest.mark.parametrize("world_size", [2, 3, 4])
def test_several_processes_agree_with_one(crops, world_size):
    method = small_method().eval()
    alone = node_probabilities(method, loader(crops), Accelerator(cpu=True))
    processes = Processes(world_size)
    for rank in range(world_size):
        together = node_probabilities(method, loader(crops, rank, world_size), processes)
    assert together.shape == alone.shape == (11, TREE.num_nodes)
    np.testing.assert_allclose(together, alone, atol=1e-6)


@pytest.mark.parametrize("world_size", [1, 2, 3])
def test_answers_are_taken_batch_by_batch(world_size):
    method, sizes = small_method().eval(), []

    def answer(rows):
        sizes.append(len(rows))
        return leaf_answers(TREE, rows)

    alone = node_probabilities(method, loader("ten"), Accelerator(cpu=True))
    processes = Processes(world_size)
    for rank in range(world_size):
        found = answers(method, loader("ten", rank, world_size), processes, answer)
    assert found.dtype == np.int64
    assert found.tolist() == leaf_answers(TREE, alone).tolist()
    assert max(sizes) == 3, "batches of 30 views, ten of each image"
    nothing = answers(method, loader("ten", count=0), Accelerator(cpu=True), answer)
    assert nothing.shape == (0,)


def test_no_images_are_no_rows():
    rows = node_probabilities(small_method(), loader("ten", count=0), Accelerator(cpu=True))
    assert rows.shape == (0, TREE.num_nodes)


@pytest.mark.parametrize("training", [True, False])
def test_a_method_is_left_as_it_was(training):
    method = small_method().train(training)
    node_probabilities(method, loader("flip"), Accelerator(cpu=True))
    assert method.training is training


@pytest.mark.parametrize("crops", CROPS)
def test_presence_is_the_average_over_the_views(crops):
    method = small_method("multilabel").eval()
    told = scores(method, loader(crops), Accelerator(cpu=True))
    np.testing.assert_array_equal(
        told.probabilities, node_probabilities(method, loader(crops), Accelerator(cpu=True))
    )
    assert told.presence.shape == (11, TREE.num_leaves)
    mean, std = (torch.tensor(values)[:, None, None] for values in MEAN_STD)
    images = small_collection(11).images
    for i, row in enumerate(told.presence):
        image = images.read(i)
        one_by_one = []
        for view in CROPS[crops].plan(*image.size, 16):
            pixels = torch.from_numpy(look(image, [view], 16)).permute(0, 3, 1, 2) / 255
            with torch.no_grad():
                (logits,) = method((pixels - mean) / std)
            one_by_one.append(1 / (1 + np.exp(-logits[0].double().numpy())))
        np.testing.assert_allclose(row, np.mean(one_by_one, axis=0), atol=2e-6)


@pytest.mark.parametrize("world_size", [2, 3])
def test_several_processes_agree_about_presence(world_size):
    method = small_method("multilabel").eval()
    alone = scores(method, loader("ten"), Accelerator(cpu=True))
    processes = Processes(world_size)
    for rank in range(world_size):
        together = scores(method, loader("ten", rank, world_size), processes)
    np.testing.assert_allclose(together.presence, alone.presence, atol=1e-6)
    np.testing.assert_allclose(together.probabilities, alone.probabilities, atol=1e-6)


def test_labels_that_exclude_each_other_have_no_presence():
    assert scores(small_method(), loader("one"), Accelerator(cpu=True)).presence is None
    none = scores(small_method("multilabel"), loader("one", count=0), Accelerator(cpu=True))
    assert none.presence.shape == (0, TREE.num_leaves)
