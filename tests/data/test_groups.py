"""Random groups: sizes, names, seeds, and that nothing but the tree changes."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import taxonomies

from labeltree.data import (
    ArrayImages,
    Collection,
    Source,
    class_names,
    into_random_groups,
    open_source,
)
from labeltree.errors import ConfigError, DataError
from labeltree.taxonomy import Taxonomy

GLYPHS = {"size": 8, "images_per_class": 3, "test_images_per_class": 1}


def source_of(taxonomy: Taxonomy) -> Source:
    """One image of every leaf; the colour is its place among the leaves."""
    pixels = np.zeros((taxonomy.num_leaves, 1, 1, 3), dtype=np.uint8)
    pixels += np.arange(taxonomy.num_leaves, dtype=np.uint8)[:, None, None, None]
    part = Collection(taxonomy, ArrayImages(pixels), taxonomy.leaves)
    return Source("it", part, test=part)


@given(taxonomies(), st.data())
def test_every_image_keeps_its_class(taxonomy: Taxonomy, data: st.DataObject) -> None:
    assume(taxonomy.num_leaves >= 4)
    groups = data.draw(st.integers(2, taxonomy.num_leaves // 2))
    source = into_random_groups(source_of(taxonomy), groups, seed=data.draw(st.integers(0, 9)))
    tree = source.taxonomy
    assert (tree.depth, tree.level_names) == (2, ("group", "class"))
    sizes = tree.num_children[tree.level(1)]
    assert (len(sizes), sizes.sum()) == (groups, taxonomy.num_leaves)
    assert sizes.min() >= 2 and sizes.max() - sizes.min() <= 1
    names = class_names(taxonomy)
    for part in source.parts.values():
        colours = part.images.array[:, 0, 0, 0]
        assert len(part) == taxonomy.num_leaves
        for target, colour in zip(part.targets, colours, strict=True):
            assert tree.names[target] == names[colour]


def test_names_of_groups() -> None:
    tree = open_source("glyphs", classes=4, random_groups=2, **GLYPHS).taxonomy
    assert tree.names[1:3] == ("group 01", "group 02")
    flat = Taxonomy.from_paths([f"class {number}" for number in range(200)])
    names = into_random_groups(source_of(flat), 100).taxonomy.names
    assert (names[1], names[100]) == ("group 001", "group 100")


def test_seeds_deal_otherwise_and_images_stay() -> None:
    """The same classes and images whatever the groups: only the tree differs."""
    options = {"classes": 9, "images_per_class": 2, "subset_seed": 5} | {
        key: GLYPHS[key] for key in ("size", "test_images_per_class")
    }
    plain = open_source("glyphs:36", **options)
    dealt, again = (open_source("glyphs:36", random_groups=3, **options) for _ in range(2))
    assert dealt.taxonomy == again.taxonomy
    assert np.array_equal(dealt.train.targets, again.train.targets)
    assert np.array_equal(dealt.train.images.array, plain.train.images.array)
    names = set(class_names(plain.taxonomy))
    assert names == set(class_names(dealt.taxonomy))
    source = source_of(Taxonomy.from_paths([f"class {number}" for number in range(40)]))
    assert len({into_random_groups(source, 4, seed).taxonomy for seed in range(20)}) == 20


def test_images_of_inner_nodes_are_left_out() -> None:
    tree = Taxonomy.from_paths(["cat/black", "cat/tabby", "dog/beagle", "dog/black"])
    images = ArrayImages(np.zeros((3, 1, 1, 3), np.uint8))
    part = Collection(tree, images, np.array([tree.find("cat"), tree.find("dog/black"), 0]))
    source = into_random_groups(Source("pets", part), 2)
    assert [source.taxonomy.names[target] for target in source.train.targets] == ["dog > black"]
    assert source.notes == ("left out 2 images labelled with an inner node",)


@pytest.mark.parametrize("groups", [-1, 0, 1, 3])
def test_groups_that_are_too_few_or_too_small(groups: int) -> None:
    tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug", "fox", "owl"])
    with pytest.raises(DataError, match=f"it: {groups} random groups of 5 classes .* at least 2"):
        into_random_groups(source_of(tree), groups)
    with pytest.raises(ConfigError, match="random_groups"):
        open_source("glyphs", random_groups="many", **GLYPHS)
