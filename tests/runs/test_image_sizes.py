from pathlib import Path

import pytest
from small_folder import small_recipe, write_small_folder
from small_training import small_method

from labeltree.errors import ConfigError
from labeltree.recipes import Recipe
from labeltree.runs.image_sizes import check_networks, smallest_size, takes
from labeltree.runs.new_network import check_learns
from labeltree.runs.training import run_training

TOO_SMALL = r"images of at least 9 pixels are needed, got 4; --set loading\.image_size=9 "


def sized(image_size: int | None, progressive: tuple[int, ...] = ()) -> Recipe:
    recipe = small_recipe(Path("photos"), image_sizes=tuple((0.5, side) for side in progressive))
    return recipe.replace(loading=recipe.loading.replace(image_size=image_size))


def test_the_smallest_of_all_sizes_counts() -> None:
    assert smallest_size(sized(None)) is None
    assert smallest_size(sized(32)) == 32
    assert smallest_size(sized(None, (24,))) == 24
    assert smallest_size(sized(32, (24,))) == 24
    assert smallest_size(sized(16, (24,))) == 16


@pytest.mark.parametrize("recipe", [sized(4), sized(64, (4,)), sized(None, (4,))])
@pytest.mark.parametrize("method", ["flat", "merged", "routed"])
def test_too_small_is_told_whatever_the_method(recipe: Recipe, method: str) -> None:
    with pytest.raises(ConfigError, match=f"^{recipe.backbone}: {TOO_SMALL}"):
        check_networks(recipe.replace(method=method))


def test_a_size_that_the_images_must_tell_is_not_asked_for() -> None:
    check_networks(sized(None))
    check_networks(sized(9))


def test_the_backbone_s_own_error_is_not_told_as_a_matter_of_size() -> None:
    with pytest.raises(ConfigError, match="torchvision has no network 'vgg61'"):
        check_networks(sized(4).replace(backbone="torchvision:vgg61"))


def test_one_image_at_a_time_is_refused_where_it_has_nothing_to_be_normalised_by() -> None:
    method = small_method()
    with pytest.raises(ConfigError, match=r"one image of 9 × 9 pixels .*loading\.batch_size"):
        check_learns(method, sized(9), 1)
    check_learns(method, sized(9), 2)
    check_learns(method, sized(36), 1)
    assert method.training


def test_the_method_agrees() -> None:
    method = small_method()
    assert takes(method, 9) and not takes(method, 8)
    assert not takes(method, 9, training=True)


def test_a_size_that_is_set_is_told_before_the_data_are_looked_for(tmp_path: Path) -> None:
    recipe = small_recipe(tmp_path / "nowhere", image_sizes=((0.5, 4),))
    with pytest.raises(ConfigError, match=TOO_SMALL):
        run_training(recipe, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_the_images_own_size_is_told_before_they_are_decoded(tmp_path: Path) -> None:
    folder = write_small_folder(tmp_path / "photos", per_class=4, side=4)
    recipe = small_recipe(folder)
    recipe = recipe.replace(loading=recipe.loading.replace(image_size=None))
    with pytest.raises(ConfigError, match=TOO_SMALL):
        run_training(recipe, tmp_path / "run")
    assert not (tmp_path / "run").exists()
