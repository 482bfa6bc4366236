"""What is said when data do not fit the model that is to learn from them."""

from pathlib import Path

import pytest
from PIL import Image
from rich.console import Console

from labeltree.errors import DataError
from labeltree.recipes import Recipe
from labeltree.runs.opening import open_splits
from labeltree.taxonomy import Taxonomy


def test_a_folder_of_mixed_breeds_that_the_tree_lacks(tmp_path: Path) -> None:
    (tmp_path / "puggle").mkdir()
    Image.new("L", (2, 2)).save(tmp_path / "puggle/1.png")
    tree = Taxonomy.from_paths(["animal/dog/beagle", "animal/dog/pug"])
    with pytest.raises(DataError) as caught:
        open_splits(
            Recipe(data=str(tmp_path), training={"epochs": 1}),
            None,
            False,
            Console(quiet=True),
            tree,
        )
    reason = str(caught.value)
    assert "'puggle' is not in the taxonomy" in reason and "\n" not in reason
    assert "write its path, such as 'animal/dog/puggle', and --new-labels adds it" in reason
    assert reason.endswith("for several labels, name them in the table data_options.combined")
