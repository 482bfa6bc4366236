"""Images of two classes blended: which classes, which images, what is in them."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeltree.data import ArrayImages, Collection, Source
from labeltree.data.blending import blend, blends, draw_pairs, hold_back, in_front
from labeltree.data.combined_classes import combinations_as_classes
from labeltree.errors import DataError
from labeltree.taxonomy import Taxonomy

ANIMALS = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
CAT, BEAGLE, PUG = 1, 3, 4


def photos(targets: list[int]) -> Collection:
    """Image `i` is of the one colour `10 * i`."""
    array = np.repeat(10 * np.arange(len(targets), dtype=np.uint8), 2 * 2 * 3)
    images = ArrayImages(array.reshape(-1, 2, 2, 3), "photo")
    return Collection(ANIMALS, images, np.array(targets))


def colours(part: Collection) -> list[int]:
    assert isinstance(part.images, ArrayImages)
    assert (part.images.array == part.images.array[:, :1, :1, :1]).all()
    return part.images.array[:, 0, 0, 0].tolist()


def drawn(tree: Taxonomy, number: int, seed: int = 0) -> np.ndarray:
    return draw_pairs(tree, tree.leaves, number, np.random.default_rng(seed))


trees = st.lists(st.integers(1, 6), min_size=1, max_size=6).map(
    lambda sizes: Taxonomy.from_paths(
        [f"{family}/{leaf}" for family, size in enumerate(sizes) for leaf in range(size)]
    )
)


@given(trees, st.integers(0, 9), st.data())
def test_pairs_share_no_class(tree: Taxonomy, seed: int, data: st.DataObject) -> None:
    if tree.num_leaves < 2:
        return
    number = data.draw(st.integers(1, tree.num_leaves // 2))
    pairs = drawn(tree, number, seed)
    assert pairs.shape == (number, 2)
    assert len(np.unique(pairs)) == 2 * number
    assert np.isin(pairs, tree.leaves).all()
    assert (pairs[:, 0] < pairs[:, 1]).all()
    assert all(first < second for first, second in pairwise(pairs[:, 0].tolist()))
    assert np.array_equal(pairs, drawn(tree, number, seed))


def test_pairs_within_and_across_families() -> None:
    tree = Taxonomy.from_paths([f"{family}/{leaf}" for family in range(20) for leaf in range(5)])
    seen = set()
    for seed in range(5):
        pairs = drawn(tree, 11, seed)
        above = tree.parents[pairs]
        siblings = above[:, 0] == above[:, 1]
        assert siblings.sum() == 5
        assert len(set(above[siblings, 0].tolist())) == 5
        seen.add(pairs.tobytes())
    assert len(seen) == 5


def test_only_one_kind_of_pair_is_possible() -> None:
    flat = Taxonomy.from_paths(["a", "b", "c", "d"])
    assert len(drawn(flat, 2)) == 2
    alone = Taxonomy.from_paths(["a/1", "b/1", "c/1", "d/1"])
    assert len(drawn(alone, 2)) == 2
    assert drawn(ANIMALS, 1)[0].tolist() in ([CAT, BEAGLE], [CAT, PUG])  # half of 1 are siblings: 0


@pytest.mark.parametrize("number", [-1, 0, 2])
def test_impossible_numbers_of_pairs(number: int) -> None:
    with pytest.raises(DataError, match=rf"{number} pairs of 3 classes .* expected 1 to 1$"):
        drawn(ANIMALS, number)


def test_the_last_images_of_each_class_are_held_back() -> None:
    part = photos([CAT, PUG, CAT, PUG, PUG, CAT, BEAGLE, BEAGLE, BEAGLE])
    kept, reserved = hold_back(part, 2)
    assert (colours(kept), kept.targets.tolist()) == ([0, 10, 60], [CAT, PUG, BEAGLE])
    assert colours(reserved) == [20, 30, 40, 50, 70, 80]
    assert reserved.targets.tolist() == [CAT, PUG, PUG, CAT, BEAGLE, BEAGLE]
    kept, reserved = hold_back(part, 0)
    assert (len(kept), len(reserved)) == (9, 0)


@pytest.mark.parametrize("reserve", [-1, 1, 2])
def test_nothing_would_be_left(reserve: int) -> None:
    with pytest.raises(DataError, match=rf"is {reserve}, and 'dog/pug' has 1 .*; expected 0 to 0"):
        hold_back(photos([CAT, CAT, PUG]), reserve)


@given(st.lists(st.tuples(st.integers(0, 255), st.integers(0, 255)), min_size=1))
def test_a_blend_is_the_mean(values: list[tuple[int, int]]) -> None:
    first, second = np.array(values, dtype=np.uint8).T
    half_up = np.floor(first / 2 + second / 2 + 0.5)
    assert blend(first, second).dtype == np.uint8
    assert np.array_equal(blend(first, second), half_up)


def test_blends_use_each_image_once() -> None:
    """Colours 0, 10, 20 of cats; 30, 40, 50 of pugs: from a sum both can be told."""
    part = photos([CAT] * 3 + [PUG] * 3 + [BEAGLE])
    part.images.array[3:6] += 33  # 63, 73, 83
    pairs = np.array([[CAT, PUG]])
    rng = np.random.default_rng(3)
    combined = blends(part, pairs, 3, rng, "blend")
    sums = {
        blend(np.uint8(cat), np.uint8(pug)).item(): (cat, pug)
        for cat in (0, 10, 20)
        for pug in (63, 73, 83)
    }
    assert combined.sets is not None
    assert combined.sets.tolist() == [[CAT, PUG]] * 3
    assert combined.targets.tolist() == [0, 0, 0]
    assert combined.images.name(2) == "blend 2"
    assert len(colours(combined)) == 3
    assert sum(colours(combined)) == pytest.approx((30 + 219) / 2, abs=2)
    again = blends(part, pairs, 3, np.random.default_rng(3), "blend")
    assert colours(again) == colours(combined)
    assert set(colours(combined)) <= set(sums)


@pytest.mark.parametrize("each", [-1, 0, 3])
def test_impossible_numbers_of_blends(each: int) -> None:
    part = photos([CAT, CAT, CAT, PUG, PUG])
    with pytest.raises(DataError, match=rf"^{each} blends .*'.*' has . images .* expected 1 to ."):
        blends(part, np.array([[CAT, PUG]]), each, np.random.default_rng(0), "blend")


def test_a_class_without_images() -> None:
    with pytest.raises(DataError, match="'dog/pug' has 0 images for them"):
        blends(photos([CAT]), np.array([[CAT, PUG]]), 1, np.random.default_rng(0), "blend")


def puggles() -> Collection:
    return blends(
        photos([BEAGLE, PUG]), np.array([[BEAGLE, PUG]]), 1, np.random.default_rng(0), "blend"
    )


def test_originals_in_front() -> None:
    whole = in_front(photos([CAT, BEAGLE]), puggles(), "image")
    assert whole.sets is not None
    assert whole.sets.tolist() == [[CAT, -1], [BEAGLE, -1], [BEAGLE, PUG]]
    assert [ANIMALS.paths[node] for node in whole.targets] == ["cat", "dog/beagle", "dog"]
    assert colours(whole) == [0, 10, 5]
    assert whole.images.name(2) == "image 2"


def test_combinations_as_classes() -> None:
    whole = in_front(photos([CAT, BEAGLE]), puggles(), "image")
    source = combinations_as_classes(Source("dogs", whole, test=puggles()))
    assert source.taxonomy.paths[1:] == (
        *("cat", "dog", "combined", "dog/beagle", "dog/pug", "combined/beagle+pug"),
    )
    assert source.train.sets is None
    found = [source.taxonomy.paths[node] for node in source.train.targets]
    assert found == ["cat", "dog/beagle", "combined/beagle+pug"]
    assert source.test is not None
    assert source.test.taxonomy is source.train.taxonomy
    assert source.test.targets.tolist() == source.train.targets[2:].tolist()
    assert colours(source.train) == [0, 10, 5]


def test_combinations_of_a_flat_tree_and_of_equal_names() -> None:
    images = ArrayImages(np.zeros((1, 2, 2, 3), dtype=np.uint8))
    flat = Taxonomy.from_paths(["a", "b"], level_names=("letter",))
    part = Collection.combined(flat, images, np.array([[1, 2]]))
    source = combinations_as_classes(Source("letters", part))
    assert source.taxonomy.paths[-1] == "combined/a+b"
    equal = Taxonomy.from_paths(["cat/black", "dog/black"], level_names=("race", "colour"))
    part = Collection.combined(equal, images, np.array([[3, 4]]))
    source = combinations_as_classes(Source("coats", part))
    assert source.taxonomy.paths[-1] == "combined/cat > black+dog > black"
    assert source.taxonomy.level_names == ("race", "colour")
