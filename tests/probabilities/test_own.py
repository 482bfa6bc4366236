"""Our own files: what was saved is what is loaded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from node_probabilities import levelwise
from small_trees import TAXONOMIES

from labeltree.probabilities import load_probabilities, save_probabilities
from labeltree.probabilities.reading import READERS
from labeltree.probabilities.saving import WRITERS
from labeltree.taxonomy import Taxonomy

ANIMALS = TAXONOMIES["animals"]


@pytest.mark.parametrize("ending", WRITERS)
@pytest.mark.parametrize("tree", TAXONOMIES.values(), ids=TAXONOMIES)
def test_what_was_saved_is_loaded(tree: Taxonomy, ending: str, tmp_path: Path) -> None:
    values = levelwise(tree, 7, seed=0).astype(np.float32)
    targets = np.arange(7) % tree.num_nodes
    names = [f"image {number}" for number in range(7)]
    answers = np.tile(np.arange(1, tree.depth + 1), (7, 1))
    path = tmp_path / f"p{ending}"
    save_probabilities(path, tree, values, targets, names, answers)
    found = load_probabilities(path)
    assert found.taxonomy == tree
    np.testing.assert_array_equal(found.probabilities, values)
    assert found.probabilities.dtype == np.float32
    assert found.targets is not None
    np.testing.assert_array_equal(found.targets, targets)
    assert found.names == tuple(names)
    assert len(found) == 7


@pytest.mark.parametrize("ending", WRITERS)
def test_targets_and_names_may_be_unknown(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"p{ending}"
    save_probabilities(path, ANIMALS, levelwise(ANIMALS, 2, seed=0))
    found = load_probabilities(path, ANIMALS)
    assert found.targets is None
    assert found.names is None
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("ending", WRITERS)
def test_a_split_without_images(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"p{ending}"
    save_probabilities(path, ANIMALS, np.ones((0, 5)), np.zeros(0, dtype=np.int64))
    assert len(load_probabilities(path)) == 0


def test_another_order_of_the_same_tree_is_followed(tmp_path: Path) -> None:
    turned = Taxonomy.from_paths(["dog/pug", "dog/beagle", "cat"])
    values = levelwise(ANIMALS, 2, seed=0).astype(np.float32)
    save_probabilities(tmp_path / "p.npz", ANIMALS, values, np.array([4, 1]))
    found = load_probabilities(tmp_path / "p.npz", turned)
    np.testing.assert_array_equal(found.probabilities, values[:, [0, 2, 1, 4, 3]])
    assert found.targets is not None
    assert found.targets.tolist() == [3, 2]


def test_what_can_be_written_can_be_read() -> None:
    assert set(WRITERS) == set(READERS)


def test_shapes_that_do_not_fit_are_a_mistake_of_the_caller(tmp_path: Path) -> None:
    values = levelwise(ANIMALS, 2, seed=0)
    with pytest.raises(ValueError, match=r"expected \(n, 5\)"):
        save_probabilities(tmp_path / "p.npz", ANIMALS, values[:, 1:])
    with pytest.raises(ValueError, match=r"targets have shape \(1,\); expected \(2,\)"):
        save_probabilities(tmp_path / "p.npz", ANIMALS, values, np.array([1]))
    with pytest.raises(ValueError, match=r"answers have shape \(2,\); expected \(2, 2\)"):
        save_probabilities(tmp_path / "p.npz", ANIMALS, values, answers=np.array([1, 1]))
