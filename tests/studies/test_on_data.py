"""Any data for a study: chosen by options, checked class by class before anything is trained."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_pictures import write_classes

from labeltree.errors import DataError
from labeltree.recipes import glyphs
from labeltree.studies import STUDIES, paper_000
from labeltree.studies.on_data import DataOptions, open_checked

TAKING_ANY_DATA = ("size-scaling", "shared-vs-separate", "category-labels")


def test_no_options_leave_the_recipe_as_it_is() -> None:
    recipe = paper_000.smoke()
    assert DataOptions().on(recipe) == recipe


def test_other_data_have_their_own_recipe_for_as_many_epochs(tmp_path: Path) -> None:
    recipe = paper_000.small()
    found = DataOptions(data=str(tmp_path)).on(recipe)
    assert found.data == str(tmp_path) and found.training.epochs == recipe.training.epochs
    assert found.data_options == {} and found.loading.crops == recipe.loading.crops


def test_categories_are_added_to_the_options_of_the_data() -> None:
    recipe = paper_000.smoke()
    found = DataOptions(categories=Path("table.csv")).on(recipe)
    assert found.data_options == {**recipe.data_options, "categories": "table.csv"}


def test_usable_data_are_opened(tmp_path: Path) -> None:
    recipe = glyphs(str(write_classes(tmp_path / "data", ["a", "b/c", "b/d"])))
    assert open_checked(recipe, None).taxonomy.num_leaves == 3


@pytest.mark.parametrize(
    ("few", "message"), [(1, "'e' with fewer than 2 training images"), (2, "'e' with fewer than")]
)
def test_classes_of_too_few_images_are_named(tmp_path: Path, few: int, message: str) -> None:
    data = write_classes(tmp_path / "data", ["a", "b", "c", "d"])
    write_classes(data, ["e"], per_class=few)
    with pytest.raises(DataError, match=message) as raised:
        open_checked(glyphs(str(data)), None)
    assert "\n" not in str(raised.value) and "leave out these classes" in str(raised.value)


def test_many_of_them_are_counted(tmp_path: Path) -> None:
    data = write_classes(tmp_path / "data", ["a", "b"])
    write_classes(data, [f"few {number}" for number in range(8)], per_class=1)
    with pytest.raises(DataError, match=r"'few 4' and 3 more with fewer than 2 training images"):
        open_checked(glyphs(str(data)), None)


@pytest.mark.parametrize("name", TAKING_ANY_DATA)
def test_every_study_of_any_data_has_these_options(name: str) -> None:
    assert issubclass(STUDIES[name].load().options, DataOptions)
