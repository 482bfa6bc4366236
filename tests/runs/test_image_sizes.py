from pathlib import Path

import pytest
from small_folder import small_recipe, write_small_folder
from small_training import small_method

from labeltree.errors import ConfigError
from labeltree.methods import METHODS
from labeltree.runs.image_sizes import check_image_sizes, takes
from labeltree.runs.training import run_training


@pytest.mark.parametrize("name", METHODS)
def test_the_smallest_size_that_fits_is_named(name: str) -> None:
    method = small_method(name)
    least = next(side for side in range(1, 99) if takes(method, side))
    check_image_sizes(method, "slim", [least, 64], batch=8)
    message = rf"{least - 1} × {least - 1} pixels are too small for slim.*at least {least}"
    with pytest.raises(ConfigError, match=message):
        check_image_sizes(method, "slim", [64, least - 1], batch=8)
    with pytest.raises(ConfigError, match=r"loading\.batch_size"):
        check_image_sizes(method, "slim", [least], batch=1)
    check_image_sizes(method, "slim", [4 * least], batch=1)
    assert method.training


def test_too_small_images_stop_a_run_before_it_has_a_folder(tmp_path: Path) -> None:
    folder = write_small_folder(tmp_path / "data", per_class=4)
    with pytest.raises(ConfigError, match="too small for slim"):
        run_training(small_recipe(folder, image_sizes=((0.5, 4),)), tmp_path / "run")
    assert not (tmp_path / "run").exists()
