from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeltree.data.collection import Collection
from labeltree.data.images import ArrayImages
from labeltree.errors import DataError
from labeltree.streaming.replay import with_replay
from labeltree.taxonomy import Taxonomy
from labeltree.taxonomy.label_sets import make_label_sets, present_nodes

TREE = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
CAT, DOG, BEAGLE, PUG = 1, 2, 3, 4


def numbered(count: int, first: int) -> ArrayImages:
    """Images that can be told apart: all values of image `i` are `first + i`."""
    values = np.arange(first, first + count, dtype=np.uint8)
    return ArrayImages(np.broadcast_to(values[:, None, None, None], (count, 4, 4, 3)).copy())


def single(targets: list[int], first: int = 0) -> Collection:
    return Collection(TREE, numbered(len(targets), first), np.array(targets, dtype=np.int64))


def combined(present: list[list[int]], first: int = 0) -> Collection:
    sets = make_label_sets(TREE, present)
    return Collection.combined(TREE, numbered(len(present), first), sets)


def who(part: Collection) -> list[int]:
    return [int(np.asarray(part.images.read(i))[0, 0, 0]) for i in range(len(part))]


OLD = single([CAT] * 6 + [BEAGLE] * 4 + [PUG, DOG, DOG], first=100)
NEW = single([PUG, CAT], first=1)


@given(st.integers(1, 8), st.integers(0, 1000))
def test_at_most_so_many_of_each_label(per_class: int, seed: int) -> None:
    both = with_replay(NEW, OLD, per_class, seed)
    assert who(both)[:2] == [1, 2] and both.targets[:2].tolist() == [PUG, CAT]
    kept = both.subset(range(2, len(both)))
    sizes = {CAT: 6, BEAGLE: 4, PUG: 1, DOG: 2}
    assert Counter(kept.targets.tolist()) == {
        label: min(size, per_class) for label, size in sizes.items()
    }
    assert len(set(who(kept))) == len(kept), "none twice"
    for number, target in zip(who(kept), kept.targets.tolist(), strict=True):
        assert OLD.targets[number - 100] == target, "each with its own label"


def test_the_seed_decides_which() -> None:
    drawn = {seed: tuple(who(with_replay(NEW, OLD, 2, seed))) for seed in range(8)}
    assert all(tuple(who(with_replay(NEW, OLD, 2, seed))) == kept for seed, kept in drawn.items())
    assert len(set(drawn.values())) > 1


def test_more_include_the_fewer() -> None:
    kept = [set(who(with_replay(NEW, OLD, count, 3))) for count in (1, 2, 3, 6)]
    assert all(few < many for few, many in pairwise(kept))


def test_nothing_of_the_old_images_is_changed() -> None:
    before = OLD.images.array.copy()
    both = with_replay(NEW, OLD, 3, 0)
    both.images.array[:] = 0
    assert np.array_equal(OLD.images.array, before) and who(NEW) == [1, 2]


def test_old_single_labels_beside_new_combinations() -> None:
    both = with_replay(combined([[BEAGLE, PUG]], first=1), OLD, 1, 0)
    assert present_nodes(both.sets)[0] == [BEAGLE, PUG]
    assert sorted(present_nodes(both.sets)[1:]) == [[CAT], [DOG], [BEAGLE], [PUG]]
    assert both.targets[0] == DOG


def test_old_combinations_are_labels_of_their_own() -> None:
    old = combined([[BEAGLE, PUG]] * 3 + [[CAT, PUG]] * 2 + [[PUG]] * 4, first=100)
    both = with_replay(NEW, old, 2, 0)
    shown = Counter(map(tuple, present_nodes(both.sets)))
    assert shown == {(CAT,): 1, (PUG,): 1 + 2, (BEAGLE, PUG): 2, (CAT, PUG): 2}


def test_no_old_images_leave_the_new_ones() -> None:
    both = with_replay(NEW, OLD.subset([]), 5, 0)
    assert who(both) == [1, 2] and both.targets.tolist() == [PUG, CAT]


def test_none_of_each_is_refused() -> None:
    with pytest.raises(DataError, match="0 images per class asked for; expected at least 1"):
        with_replay(NEW, OLD, 0, 0)
