"""scikit-learn's digits."""

from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

from labeltree.data import open_source, split
from labeltree.data.loading import DataConfig, image_size_of
from labeltree.recipes import choose_recipe

# https://scikit-learn.org/stable/datasets/toy_dataset.html: 1,797 instances; the counts are those
# of the UCI repository's test part, whose digits these are.
COUNTS = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_the_facts(tmp_path: Path) -> None:
    source = open_source("digits", tmp_path)
    assert len(source.train) == sum(COUNTS) == 1797
    assert source.taxonomy.paths[1:] == tuple("0123456789")
    assert np.bincount(source.train.targets)[1:].tolist() == COUNTS
    assert source.train.images.array.shape == (1797, 8, 8, 3)
    assert not source.mirror and source.test is None
    assert image_size_of(source.train, DataConfig()) == 8


def test_the_pixels_are_scikit_learns() -> None:
    shown = open_source("digits").train.images.array
    theirs = load_digits().images
    assert (shown[..., 0] == shown[..., 1]).all() and (shown[..., 0] == shown[..., 2]).all()
    assert (shown.min(), shown.max()) == (0, 255)
    assert np.abs(shown[..., 0] / 255 - theirs / 16).max() <= 0.5 / 255 + 1e-12


def test_the_splits_are_seeded() -> None:
    def targets(seed: int) -> list[int]:
        return split(open_source("digits"), 0.1, 0.2, seed).test.images.rows.tolist()

    assert targets(0) == targets(0) != targets(1)
    assert len(targets(0)) == 359


def test_its_recipe_enlarges_it() -> None:
    recipe = choose_recipe("digits")
    assert (recipe.data, recipe.loading.image_size) == ("digits", 16)
