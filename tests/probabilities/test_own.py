"""Our own npz: what was saved is what is loaded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from node_probabilities import levelwise
from small_trees import TAXONOMIES

from labeltree.probabilities import load_probabilities, save_probabilities
from labeltree.taxonomy import Taxonomy

ANIMALS = TAXONOMIES["animals"]


@pytest.mark.parametrize("tree", TAXONOMIES.values(), ids=TAXONOMIES)
def test_what_was_saved_is_loaded(tree: Taxonomy, tmp_path: Path) -> None:
    values = levelwise(tree, 7, seed=0).astype(np.float32)
    targets = np.arange(7) % tree.num_nodes
    names = [f"image {number}" for number in range(7)]
    save_probabilities(tmp_path / "p.npz", tree, values, targets, names)
    found = load_probabilities(tmp_path / "p.npz")
    assert found.taxonomy == tree
    np.testing.assert_array_equal(found.probabilities, values)
    assert found.probabilities.dtype == np.float32
    assert found.targets is not None
    np.testing.assert_array_equal(found.targets, targets)
    assert found.names == tuple(names)
    assert len(found) == 7


def test_targets_and_names_may_be_unknown(tmp_path: Path) -> None:
    save_probabilities(tmp_path / "p.npz", ANIMALS, levelwise(ANIMALS, 2, seed=0))
    found = load_probabilities(tmp_path / "p.npz", ANIMALS)
    assert found.targets is None
    assert found.names is None
    assert [file.name for file in tmp_path.iterdir()] == ["p.npz"]


def test_shapes_that_do_not_fit_are_a_mistake_of_the_caller(tmp_path: Path) -> None:
    values = levelwise(ANIMALS, 2, seed=0)
    with pytest.raises(ValueError, match=r"expected \(n, 5\)"):
        save_probabilities(tmp_path / "p.npz", ANIMALS, values[:, 1:])
    with pytest.raises(ValueError, match=r"targets have shape \(1,\); expected \(2,\)"):
        save_probabilities(tmp_path / "p.npz", ANIMALS, values, np.array([1]))
