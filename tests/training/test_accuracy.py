"""Top-1 on the way, against answers read off one image at a time."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from label_set_cases import LabelSetCase, label_set_cases
from small_training import MEAN_STD, TREE, small_collection, small_method, small_trainer

from labeltree.data.collection import Collection
from labeltree.data.loading import DataConfig, Loader, make_loader
from labeltree.methods import METHODS
from labeltree.methods.multilabel.network import Multilabel
from labeltree.training.accuracy import EVERY, TrainingAccuracy

CPU = torch.device("cpu")


def logits(*best: str) -> tuple[torch.Tensor]:
    """One image per row, the named leaf far ahead of all others."""
    rows = torch.zeros(len(best), TREE.num_leaves)
    for row, path in zip(rows, best, strict=True):
        row[TREE.leaf_index[TREE.find(path)]] = 9.0
    return (rows,)


def targets(*paths: str) -> torch.Tensor:
    return torch.tensor([TREE.find(path) for path in paths])


def counted(outputs: tuple[torch.Tensor, ...], labels: torch.Tensor, name: str = "flat") -> list:
    method = small_method(name)
    accuracy = TrainingAccuracy(method, CPU)
    accuracy.add(method, outputs, labels)
    return accuracy.counts.tolist()


def test_one_label_each() -> None:
    outputs = logits("a/1", "a/2", "b/1", "c")
    assert counted(outputs, targets("a/1", "a/1", "b/1", "c")) == [3, 4]
    # Known only to be a b, or nothing at all: no leaf to be right about.
    assert counted(outputs, targets("a/1", "a/2", "b", "")) == [2, 2]
    assert counted(outputs, targets("b", "", "", "a")) == [0, 0]


def test_several_labels() -> None:
    a1, a2, b, b1, c = targets("a/1", "a/2", "b", "b/1", "c").tolist()
    outputs = logits("a/2", "a/2", "a/2", "b/1", "b/1", "b/1")
    sets = [
        [a1, a2, -1],  # either one is right
        [a1, c, -1],  # neither
        [a2, -1, -1],
        [b, c, -1],  # c is a leaf, and not what is answered; whether it is some b does not count
        [b, -1, -1],  # no leaf
        [b1, -2 - c, -2 - a1],  # two leaves of which nobody knows
    ]
    assert counted(outputs, torch.tensor(sets), "multilabel") == [3, 5]


def test_an_unknown_leaf_is_no_label() -> None:
    a1, b = targets("a/1", "b").tolist()
    unknown = torch.tensor([[b, -2 - a1]])
    assert counted(logits("a/1"), unknown, "multilabel") == [0, 0]


@given(label_set_cases(min_images=1))
@settings(max_examples=40, deadline=None)
def test_equals_one_image_at_a_time(case: LabelSetCase) -> None:
    tree = case.tree
    method = Multilabel.__new__(Multilabel)
    torch.nn.Module.__init__(method)
    method.taxonomy = tree
    method.node_probabilities = lambda outputs: torch.from_numpy(tree.roll_up(outputs[0].numpy()))
    accuracy = TrainingAccuracy(method, CPU)
    accuracy.add(method, (torch.from_numpy(case.scores),), torch.from_numpy(case.sets))
    right = count = 0
    for row, present in zip(case.scores, case.present, strict=True):
        leaves = [node for node in present if tree.is_leaf[node]]
        count += bool(leaves)
        right += int(tree.leaves[np.argmax(row)]) in leaves
    assert accuracy.counts.tolist() == [right, count]


@pytest.mark.parametrize("name", [name for name, entry in METHODS.items() if entry.parts is None])
def test_every_method(name: str) -> None:
    method = small_method(name).eval()
    images = torch.randn(5, 3, 16, 16)
    outputs = method(images)
    labels = torch.from_numpy(small_collection().targets[:5])
    answers = method.node_probabilities(outputs).detach()[:, TREE.leaves].argmax(1)
    accuracy = TrainingAccuracy(method, CPU)
    accuracy.add(method, outputs, labels)
    right = int((torch.from_numpy(TREE.leaves)[answers] == labels).sum())
    assert accuracy.counts.tolist() == [right, 5]
    assert all(output.requires_grad for output in outputs)


def test_an_epoch_counts_every_fourth_batch_from_its_first(tmp_path: Path) -> None:
    """Batches of 16 and 4 images: 3 in an epoch, of which one counts; 12, of which three do."""
    for size, epochs, expected in ((16, 2, [16, 16]), (4, 1, [12])):
        trainer = small_trainer(tmp_path / str(size), epochs=epochs)
        trainer.loader = loader_of(small_collection(), size)
        trainer.total_steps = epochs * trainer.loader.num_batches
        images = []
        add = trainer.accuracy.add

        def noting(method, outputs, labels, add=add, images=images) -> None:
            images.append(len(labels))
            add(method, outputs, labels)

        trainer.accuracy.add = noting
        rows = trainer.fit().rows
        batches = math.ceil(trainer.loader.num_batches / EVERY)
        assert [sum(images[i * batches : (i + 1) * batches]) for i in range(epochs)] == expected
        for row, seen in zip(rows, expected, strict=True):
            assert 0 <= row["train_top1"] <= 1
            assert row["train_top1"] * seen == pytest.approx(round(row["train_top1"] * seen))
        assert trainer.accuracy.counts.tolist() == [0, 0]  # for the next epoch


def loader_of(images: Collection, batch_size: int = 16) -> Loader:
    config = DataConfig(batch_size=batch_size)
    return make_loader(images, config, MEAN_STD, True, "cpu", seed=0)


def test_nothing_to_be_right_about_is_no_number(tmp_path: Path) -> None:
    images = small_collection().images
    roots = Collection(TREE, images, np.zeros(len(images), dtype=np.int64))
    trainer = small_trainer(tmp_path, epochs=1)
    trainer.loader = loader_of(roots)
    (row,) = trainer.fit().rows
    assert math.isnan(row["train_top1"]) and row["train_loss"] == pytest.approx(0, abs=1e-6)
