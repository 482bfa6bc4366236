"""Fewer classes, fewer images, another tree."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import taxonomies

from labeltree.data import (
    ArrayImages,
    Collection,
    Source,
    limit,
    relabel,
    take_classes,
    take_images,
)
from labeltree.errors import DataError
from labeltree.taxonomy import Taxonomy

ANIMALS = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"], level_names=["kind", "race"])


def source_of(taxonomy: Taxonomy, each: int = 2) -> Source:
    """`each` images of every node but the root; the colour is the node number."""
    targets = np.repeat(np.arange(1, len(taxonomy)), each)
    pixels = np.zeros((len(targets), 1, 1, 3), dtype=np.uint8) + targets[:, None, None, None]
    part = Collection(taxonomy, ArrayImages(pixels.astype(np.uint8)), targets)
    return Source("it", part, test=part)


def test_one_branch() -> None:
    source = take_classes(source_of(ANIMALS), np.array([ANIMALS.find("dog/pug")]))
    assert source.taxonomy.paths == ("", "dog", "dog/pug")
    assert source.taxonomy.level_names == ("kind", "race")
    assert source.train.targets.tolist() == [1, 1, 2, 2]
    assert source.test is not None
    assert source.test.taxonomy is source.train.taxonomy
    flat = take_classes(source_of(ANIMALS), np.array([1]))
    assert (flat.taxonomy.paths, flat.taxonomy.level_names) == (("", "cat"), ("kind",))


@given(taxonomies(), st.data())
def test_kept_images_keep_their_paths(taxonomy: Taxonomy, data: st.DataObject) -> None:
    source = source_of(taxonomy, each=1)
    classes = data.draw(st.integers(1, taxonomy.num_leaves))
    fewer = limit(source, classes=classes, seed=1)
    assert fewer.taxonomy.num_leaves == classes
    colours = fewer.train.images.array[:, 0, 0, 0]
    for target, colour in zip(fewer.train.targets, colours, strict=True):
        assert fewer.taxonomy.paths[target] == taxonomy.paths[colour]
    if classes > 1:
        still_fewer = limit(source, classes=classes - 1, seed=1)
        assert set(still_fewer.taxonomy.paths) <= set(fewer.taxonomy.paths)


def test_at_most_so_many_images() -> None:
    part = source_of(ANIMALS, each=5).train
    assert np.bincount(take_images(part, 3).targets).tolist() == [0, 3, 3, 3, 3]
    assert len(take_images(part, 9)) == len(part)
    limited = limit(source_of(ANIMALS, each=5), images_per_class=1)
    assert (len(limited.train), len(limited.test or ())) == (4, 20)


@pytest.mark.parametrize("classes", [0, 4])
def test_impossible_numbers_of_classes(classes: int) -> None:
    with pytest.raises(DataError, match="expected 1 to 3"):
        limit(source_of(ANIMALS), classes=classes)


def test_impossible_number_of_images() -> None:
    with pytest.raises(DataError, match="at least 1"):
        limit(source_of(ANIMALS), images_per_class=0)


def test_relabel_by_path_or_by_unique_name() -> None:
    flat = source_of(Taxonomy.from_paths(["pug", "cat", "beagle"]), each=1)
    under = relabel(flat, ANIMALS)
    assert [ANIMALS.paths[t] for t in under.train.targets] == ["dog/pug", "cat", "dog/beagle"]
    assert under.taxonomy is ANIMALS
    same = relabel(source_of(ANIMALS), ANIMALS)
    assert np.array_equal(same.train.targets, source_of(ANIMALS).train.targets)


def test_relabel_refuses_what_it_cannot_place() -> None:
    with pytest.raises(DataError, match="'pugg' is not in the taxonomy; did you mean 'dog/pug'"):
        relabel(source_of(Taxonomy.from_paths(["pugg"])), ANIMALS)
    twice = Taxonomy.from_paths(["cat/black", "dog/black"])
    with pytest.raises(DataError, match=r"'black' fits 2 nodes .*'cat/black', 'dog/black'"):
        relabel(source_of(Taxonomy.from_paths(["black"])), twice)


def test_relabel_ignores_classes_without_images() -> None:
    taxonomy = Taxonomy.from_paths(["cat", "unicorn"])
    part = Collection(taxonomy, ArrayImages(np.zeros((1, 1, 1, 3), np.uint8)), np.array([1]))
    assert relabel(Source("it", part), ANIMALS).train.targets.tolist() == [1]
