"""Setting images aside: every class gives its share and keeps something to learn from."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeltree.data import ArrayImages, Collection, Source, split
from labeltree.data.splits import SplitConfig
from labeltree.errors import ConfigError, DataError
from labeltree.taxonomy import Taxonomy


def source_of(sizes: list[int], **parts: Collection) -> Source:
    """A flat tree with so many images of each class; each image has its own colour."""
    targets = np.repeat(np.arange(len(sizes)), sizes) + 1
    pixels = np.arange(len(targets), dtype=np.uint8)[:, None, None, None].repeat(3, axis=-1)
    tree = Taxonomy.from_paths([f"class {i}" for i in range(len(sizes))])
    return Source("it", Collection(tree, ArrayImages(pixels), targets), **parts)


def colours(part: Collection) -> list[int]:
    return [part.images.read(i).getpixel((0, 0))[0] for i in range(len(part))]


def test_equal_classes_give_equal_shares() -> None:
    parts = split(source_of([20, 20, 20]), 0.1, 0.2, seed=3)
    for part, each in ((parts.train, 14), (parts.validation, 2), (parts.test, 4)):
        assert np.bincount(part.targets).tolist() == [0, each, each, each]


@given(
    st.lists(st.integers(1, 30), min_size=1, max_size=8),
    st.floats(0, 0.45),
    st.floats(0, 0.45),
    st.integers(0, 3),
)
def test_parts_are_disjoint_and_leave_something(
    sizes: list[int], validation: float, test: float, seed: int
) -> None:
    source = source_of(sizes)
    try:
        parts = split(source, validation, test, seed)
    except DataError as error:
        assert "too few" in str(error)
        return
    every = [colours(part) for part in (parts.train, parts.validation, parts.test)]
    assert sorted(colour for part in every for colour in part) == list(range(sum(sizes)))
    assert np.bincount(parts.train.targets, minlength=len(sizes) + 1)[1:].min() >= 1
    for part, share in ((parts.validation, validation), (parts.test, test)):
        given_up = np.bincount(part.targets, minlength=len(sizes) + 1)[1:]
        assert (given_up <= np.ceil(np.array(sizes) * share + 1e-6)).all()
    again = split(source, validation, test, seed)
    assert [colours(part) for part in (again.train, again.validation, again.test)] == every


def test_small_classes_together_give_their_share() -> None:
    parts = split(source_of([4] * 50), 0.1, 0.0)
    assert len(parts.validation) == 20


def test_seeds_differ() -> None:
    source = source_of([50])
    assert colours(split(source, seed=0).test) != colours(split(source, seed=1).test)


def test_own_parts_are_kept() -> None:
    own = source_of([3]).train
    parts = split(source_of([10, 10], test=own), 0.2)
    assert parts.test is own
    assert (len(parts.train), len(parts.validation)) == (16, 4)


def test_single_images_are_never_set_aside() -> None:
    with pytest.raises(DataError, match="5 training images are too few to set aside 10% for val"):
        split(source_of([1] * 5), 0.1, 0.0)
    nothing = "--set split.validation_fraction=0 --set split.test_fraction=0"
    with pytest.raises(DataError, match=rf"raise split.validation_fraction, .*: {nothing}$"):
        split(source_of([1] * 5))
    with pytest.raises(DataError, match=r"aside: --set split.test_fraction=0$"):
        split(source_of([1] * 5, validation=source_of([1]).train))
    parts = split(source_of([1] * 5), 0.0, 0.0)
    assert [len(part) for part in (parts.train, parts.validation, parts.test)] == [5, 0, 0]


@pytest.mark.parametrize("shares", [(-0.1, 0.1), (0.5, 0.5), (0.0, 1.0)])
def test_impossible_shares(shares: tuple[float, float]) -> None:
    with pytest.raises(DataError, match="less than 1"):
        split(source_of([9]), *shares)


def test_config() -> None:
    assert split(source_of([100]), **dict(SplitConfig(seed=2))).train
    with pytest.raises(ConfigError, match="validation_fraction"):
        SplitConfig(validation_fraction=1)
