"""Table 6 of paper 000 against the scan's digits, the facts beside the project and ImageNet."""

import csv
from itertools import chain
from pathlib import Path

import pytest

from labeltree.data import open_source
from labeltree.recipes import glyphs
from labeltree.recipes.recipe import Recipe
from labeltree.studies.imagenet_categories import IMAGENET_CATEGORIES
from labeltree.taxonomy import imagenet_classes

FACTS = Path(__file__).parents[3] / "shared/facts/imagenet_categories.csv"

# The topmost row of the table as the scan has it.
CUT_SHORT = (
    *("n0428500", "n0223333", "n0213030", "n0793086", "n0182897"),
    *("n1276868", "n0455018", "n0169333", "n0249407", "n0175629"),
)


def test_ten_categories_of_ten_classes() -> None:
    assert [len(wnids) for wnids in IMAGENET_CATEGORIES.values()] == [10] * 10
    wnids = list(chain(*IMAGENET_CATEGORIES.values()))
    assert len(set(wnids)) == 100
    assert set(wnids) <= set(imagenet_classes())
    for row in IMAGENET_CATEGORIES.values():
        assert row == sorted(row)  # as in the paper, from the bottom up


def test_the_lost_digits_are_certain() -> None:
    for row, start in zip(IMAGENET_CATEGORIES.values(), CUT_SHORT, strict=True):
        assert [wnid for wnid in imagenet_classes() if wnid.startswith(start)] == [row[-1]]


def test_the_facts() -> None:
    if not FACTS.exists():
        pytest.skip("the facts are not at hand")
    told: dict[str, list[str]] = {}
    with FACTS.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            told.setdefault(row["category"], []).append(row["wnid"])
    assert told == IMAGENET_CATEGORIES


def test_they_are_an_option_of_the_data(tmp_path: Path) -> None:
    """Also from a recipe's file, and in the table's order."""
    recipe = glyphs("imagenet").replace(data_options={"categories": IMAGENET_CATEGORIES})
    (tmp_path / "recipe.yaml").write_text(recipe.to_yaml())
    again = Recipe.from_yaml(tmp_path / "recipe.yaml")
    assert not recipe.differences(again)
    for part in ("train", "val"):
        for wnid in {*imagenet_classes()[:400:4], *chain(*IMAGENET_CATEGORIES.values())}:
            folder = tmp_path / "imagenet" / part / wnid
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{wnid}_1.JPEG").touch()
    for options in (recipe.data_options, again.data_options):
        source = open_source("imagenet", tmp_path, **options)
        tree = source.taxonomy
        assert tree.names[1:11] == tuple(IMAGENET_CATEGORIES)
        assert (tree.num_leaves, len(source.train), len(source.test or ())) == (100, 100, 100)
        assert {"Cats/lynx", "China/espresso", "Cars/cab"} < set(tree.paths)
    if FACTS.exists():  # names are found as well as ids
        assert open_source("imagenet", tmp_path, categories=FACTS).taxonomy.paths == tree.paths
