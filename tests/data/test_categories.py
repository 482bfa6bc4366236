"""Classes under categories: tables, trees and mappings, and what is wrong with them."""

import json
from pathlib import Path

import numpy as np
import pytest

from labeltree.data import ArrayImages, Collection, Source, into_categories, open_source
from labeltree.errors import ConfigError, DataError, TaxonomyError
from labeltree.taxonomy import Taxonomy

TREE = Taxonomy.from_paths(
    ["cat/black", "cat/tabby", "dog/beagle", "dog/black", "dog/pug", "owl", "ray, the fish"]
)
PETS = {"small": ["pug", "cat/tabby"], "dark": ["dog/black", "cat/black"]}


def source() -> Source:
    """An image of every node but the root; the colour is the node number."""
    nodes = np.arange(1, len(TREE))
    pixels = np.zeros((len(nodes), 1, 1, 3), np.uint8) + nodes[:, None, None, None]
    part = Collection(TREE, ArrayImages(pixels.astype(np.uint8)), nodes)
    return Source("pets", part, test=part, aliases={"n1": "dog/pug", "n2": "owl"})


def labels(found: Source) -> dict[str, str]:
    """The path of each training image, by its old one."""
    colours = found.train.images.array[:, 0, 0, 0]
    return {
        TREE.paths[colour]: found.taxonomy.paths[target]
        for colour, target in zip(colours, found.train.targets, strict=True)
    }


def table(folder: Path, text: str) -> Path:
    path = folder / "groups.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_mapping() -> None:
    found = into_categories(source(), PETS)
    assert found.taxonomy.paths == (
        *("", "small", "dark"),
        *("small/pug", "small/tabby", "dark/dog > black", "dark/cat > black"),
    )
    assert found.taxonomy.level_names == ("category", "class")
    assert labels(found) == {
        "dog/pug": "small/pug",
        "cat/tabby": "small/tabby",
        "dog/black": "dark/dog > black",
        "cat/black": "dark/cat > black",
    }
    assert found.test is not None
    assert found.test.taxonomy is found.taxonomy
    assert found.notes == ("left out 4 images labelled with an inner node",)


def test_a_table(tmp_path: Path) -> None:
    text = 'group;class\nhere;pug\nhere;owl\nthere; ray, the fish \nthere;"cat/tabby"\n'
    found = into_categories(source(), table(tmp_path, text))
    assert found.taxonomy.level_names == ("group", "class")
    assert found.taxonomy.paths[3:] == (
        *("here/pug", "here/owl"),
        *("there/ray, the fish", "there/tabby"),
    )


def test_a_tree_of_two_levels(tmp_path: Path) -> None:
    path = tmp_path / "tree.json"
    path.write_text(json.dumps({"here": ["pug", "owl"], "there": ["tabby", "beagle"]}))
    found = into_categories(source(), path)
    assert labels(found)["dog/beagle"] == "there/beagle"
    path.write_text(json.dumps({"here": ["pug", "owl"], "there": {"far": ["tabby", "beagle"]}}))
    with pytest.raises(DataError, match=r"tree\.json: .*3 levels.*; expected .* two levels"):
        into_categories(source(), path)
    with pytest.raises(TaxonomyError, match="no such file"):
        into_categories(source(), tmp_path / "none.csv")


@pytest.mark.parametrize("label", ["pug", "dog/pug", "n2"])
def test_a_table_without_column_names(tmp_path: Path, label: str) -> None:
    path = table(tmp_path, f"a,{label}\na,beagle\nb,tabby\nb,ray\n")
    with pytest.raises(
        DataError, match=rf"csv line 1: the first line .* {label!r} is a class; put"
    ):
        into_categories(source(), path)


def test_other_names_of_classes() -> None:
    found = into_categories(source(), {"a": ["n1", "n2"], "b": ["beagle", "tabby"]})
    assert labels(found)["dog/pug"] == "a/pug"
    assert labels(found)["owl"] == "a/owl"


def test_it_is_an_option_of_every_source(tmp_path: Path) -> None:
    options = {"size": 8, "images_per_class": 2, "test_images_per_class": 1}
    tree = open_source("glyphs:9", **options).taxonomy
    paths = [tree.paths[leaf] for leaf in tree.leaves]
    asked = {"one": paths[:4], "two": paths[4:7]}
    found = open_source("glyphs:9", categories=asked, **options)
    assert (found.taxonomy.num_leaves, len(found.train)) == (7, 14)
    fewer = open_source("glyphs:9", categories=asked, classes=5, subset_seed=1, **options)
    assert fewer.taxonomy.num_leaves == 5
    assert set(fewer.taxonomy.paths) < set(found.taxonomy.paths)
    file = table(tmp_path, "a,b\n" + "".join(f"x,{path}\n" for path in paths[:2]))
    assert open_source("glyphs:9", categories=str(file), **options).taxonomy.num_leaves == 2


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ("a,pug\na,puk\na,unicorn\n", r"such classes in pets: 'puk' \(did .* 'dog/pug'\?\), 'uni"),
        ("a,pug\na,xyz\n", "groups.csv: no such class in pets: 'xyz'$"),
        ("a,pug\na,owl\nb,dog/pug\n", r"line 4: class 'dog/pug' is under 'a' .*csv line 2\); a"),
        ("a,pug\na,owl\nb,beagle\n", "line 4: category 'b' has one class; expected at least 2"),
        ("a,pug\n,owl\n", "line 3: no category for class 'owl'"),
        ("a,pug\na,\n", "line 3: category 'a' without a class; name one"),
        ("a,pug\na,ray, the fish\n", "line 3: 3 cells, expected 2"),
        ("a,black\na,pug\n", "line 2: 'black' fits 2 classes of pets .*; give the path"),
        ("a,dog\na,owl\n", "line 2: 'dog' is no class of pets but stands above 3; name those"),
        ("a/b,pug\na/b,owl\n", "line 2: label 'a/b' holds '/'"),
        ("", "no rows; expected a category and a class in each"),
    ],
)
def test_tables_that_do_not_fit(tmp_path: Path, rows: str, reason: str) -> None:
    path = table(tmp_path, f"category,class\n{rows}")
    with pytest.raises(DataError, match=reason) as info:
        into_categories(source(), path)
    assert str(info.value).startswith(str(path))
    assert "\n" not in str(info.value)


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"a": ["pug", "owl"], "b": []}, "'b': no class; a category has at least 2"),
        ({"a": ["pug"]}, "'a': category 'a' has one class"),
        ({}, "none are named"),
        ({"a": ["pug", "owl", "owl"]}, "class 'owl' is under 'a' already"),
        ({"a": ["pug", "oul"]}, r"categories: no such class in pets: 'oul' \(did you mean 'owl'"),
    ],
)
def test_mappings_that_do_not_fit(asked: dict[str, list[str]], reason: str) -> None:
    with pytest.raises(DataError, match=reason):
        into_categories(source(), asked)


@pytest.mark.parametrize("asked", [5, {"a": "pug"}, {"a": None}])
def test_what_is_neither_a_table_nor_a_mapping(asked: object) -> None:
    with pytest.raises(ConfigError, match="categories"):
        into_categories(source(), asked)


def test_the_superclasses_of_cifar100(real_data: Path) -> None:
    facts = real_data.parent / "facts" / "cifar100_superclasses.csv"
    if not facts.exists():
        pytest.skip("the facts are not at hand")
    rows = [line.split(",") for line in facts.read_text().splitlines()[1:]]
    names = Taxonomy.from_paths([name for _, name in rows])
    part = Collection(names, ArrayImages(np.zeros((100, 1, 1, 3), np.uint8)), names.leaves)
    found = into_categories(Source("cifar100", part), facts)
    assert found.taxonomy == Taxonomy.from_paths(rows, ("superclass", "class"))
