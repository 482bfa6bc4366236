"""A part of the tree as a task of its own, on the same splits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import taxonomies

from labeltree.data import ArrayImages, Collection, Splits
from labeltree.data.scope import ScopeConfig, scoped, scoped_tree
from labeltree.errors import DataError, TaxonomyError
from labeltree.taxonomy import Taxonomy

TREE = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"], level_names=("kind", "breed"))


def splits(targets: list[int]) -> Splits:
    def part(first: int) -> Collection:
        pixels = np.arange(first, first + len(targets), dtype=np.uint8)
        images = ArrayImages(np.broadcast_to(pixels[:, None, None, None], (len(targets), 2, 2, 3)))
        return Collection(TREE, images, np.array(targets))

    return Splits(part(0), part(10), part(20))


def test_a_branch_becomes_the_root_and_keeps_its_images() -> None:
    found = scoped(splits([1, 4, 2, 3]), ScopeConfig(branch="dog"))
    assert found.train.taxonomy.paths == ("", "beagle", "pug")
    assert found.train.taxonomy.level_names == ("breed",)
    assert found.train.targets.tolist() == [2, 1]  # not the cat, nor what is only known as a dog
    assert [image.getpixel((0, 0))[0] for image in map(found.test.images.read, (0, 1))] == [21, 23]
    assert found.train.taxonomy is found.test.taxonomy


def test_upper_levels_take_deeper_labels_up() -> None:
    found = scoped(splits([1, 4, 2, 3, 0]), ScopeConfig(depth=1))
    assert found.train.taxonomy.paths == ("", "cat", "dog")
    assert found.train.targets.tolist() == [1, 2, 2, 2, 0]


def test_everything_is_left_as_it_is() -> None:
    whole = splits([1, 4])
    assert scoped(whole, ScopeConfig()) is whole


@pytest.mark.parametrize(
    ("branch", "error", "words"),
    [
        ("cat", DataError, "'cat' has nothing below it"),
        ("dig", TaxonomyError, "did you mean 'dog'"),
        ("dog", DataError, "no training image is labelled below 'dog'"),
    ],
)
def test_branches_that_cannot_be_learned(branch: str, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        scoped(splits([1, 1]), ScopeConfig(branch=branch))


@given(taxonomies(), st.data())
def test_paths_below_a_branch_are_those_of_the_whole_tree(
    tree: Taxonomy, data: st.DataObject
) -> None:
    inner = np.flatnonzero(~tree.is_leaf)
    branch = data.draw(st.sampled_from([tree.paths[node] for node in inner]))
    depth = data.draw(st.none() | st.integers(1, tree.depth))
    part, numbers = scoped_tree(tree, ScopeConfig(branch=branch or None, depth=depth))
    prefix = f"{branch}/" if branch else ""
    for path in part.paths[1:]:
        assert prefix + path in tree
    for node, number in enumerate(numbers):
        if number > 0:
            assert tree.paths[node].startswith(prefix + part.paths[number])
