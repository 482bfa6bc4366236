from pathlib import Path

import pytest

from labeltree.backbones import BACKBONES
from labeltree.recipes import DEFAULTS, RECIPES, Recipe, choose_recipe


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_written_is_the_recipe_read(name: str, tmp_path: Path) -> None:
    recipe = choose_recipe("cifar100", name)
    assert recipe.data == "cifar100"
    (tmp_path / "recipe.yaml").write_text(recipe.to_yaml(), encoding="utf-8")
    assert Recipe.from_yaml(tmp_path / "recipe.yaml") == recipe


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_names_a_network_that_is_listed(name: str) -> None:
    examples = [example for entry in BACKBONES.values() for example in entry.examples]
    assert RECIPES[name]("cifar100").backbone in examples


def test_defaults_are_recipes() -> None:
    assert set(DEFAULTS.values()) <= set(RECIPES)


def test_groups_in_another_order_are_another_recipe() -> None:
    """A router's classes stand in that order."""

    def grouped(*names: str) -> Recipe:
        groups = {name: [f"class {name}"] for name in names}
        return choose_recipe("glyphs").replace(method="routed", method_options={"groups": groups})

    assert grouped("a", "b").differences(grouped("a", "b")) == []
    assert grouped("a", "b").differences(grouped("b", "a")) == ["order of method_options.groups"]
