"""What a network's input is, whatever part of the tree it learns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from small_folder import small_recipe, write_small_folder

from labeltree.data.config import AugmentConfig
from labeltree.data.scope import ScopeConfig
from labeltree.data.statistics import principal_colours
from labeltree.runs.preparation import PreparedImages
from labeltree.runs.processes import make_accelerator


@pytest.mark.parametrize("loader", ["memory", "stream"])
def test_a_part_is_prepared_as_the_whole(loader: str, tmp_path: Path) -> None:
    recipe = small_recipe(write_small_folder(tmp_path / "photos"))
    augment = AugmentConfig(pca_colour=0.1)
    recipe = recipe.replace(loading=recipe.loading.replace(augment=augment, loader=loader))
    accelerator = make_accelerator(recipe)
    whole, part = (
        PreparedImages.from_recipe(
            recipe.replace(scope=scope), tmp_path, accelerator, None, False, Console(quiet=True)
        )
        for scope in (ScopeConfig(), ScopeConfig(branch="plant"))
    )
    assert part.mean_std == whole.mean_std
    assert part.train.num_images < whole.train.num_images
    expected = principal_colours(whole.splits.train)
    np.testing.assert_array_equal(whole.train._components, expected)
    np.testing.assert_array_equal(part.train._components, expected)
    assert principal_colours(part.splits.train) != expected
