"""Label sets: facts on the animal tree, and brute force on random trees."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeltree.errors import TaxonomyError
from labeltree.taxonomy import (
    Taxonomy,
    common_ancestors,
    leaf_marks,
    make_label_sets,
    present_nodes,
)
from labeltree.taxonomy.label_sets import NONE, moved
from tests.strategies import taxonomies

ANIMALS = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
CAT, DOG, BEAGLE, PUG = 1, 2, 3, 4


def test_rows_are_sorted_and_padded() -> None:
    sets = make_label_sets(ANIMALS, [[PUG, BEAGLE], [CAT]], [[], [DOG]])
    assert sets.tolist() == [[BEAGLE, PUG], [CAT, -2 - DOG]]
    assert make_label_sets(ANIMALS, [[PUG], [CAT, BEAGLE]]).tolist() == [[PUG, NONE], [CAT, BEAGLE]]
    assert present_nodes(sets) == [[BEAGLE, PUG], [CAT]]
    assert make_label_sets(ANIMALS, []).shape == (0, 1)


@pytest.mark.parametrize(
    ("shown", "unknown", "message"),
    [
        ([], [], "label set 0: it is empty"),
        ([PUG, PUG], [], "'dog/pug' stands in it twice"),
        ([DOG, PUG], [], "'dog' stands in it together with 'dog/pug'"),
        ([0, PUG], [], "'the root' stands in it together with 'dog/pug'"),
        ([PUG], [PUG], "'dog/pug' is present and unknown"),
        ([PUG, 5], [], "label set 0: node 5 is not in the taxonomy; expected 0 to 4"),
        ([PUG], [-1], "label set 0: node -1 is not in the taxonomy"),
    ],
)
def test_what_cannot_be_a_set(shown: list[int], unknown: list[int], message: str) -> None:
    with pytest.raises(TaxonomyError, match=message):
        make_label_sets(ANIMALS, [shown], [unknown])


def test_a_beagle_among_unknown_dogs() -> None:
    sets = make_label_sets(ANIMALS, [[BEAGLE], [CAT], [DOG], [0]], [[DOG], [], [], []])
    present, known = leaf_marks(ANIMALS, sets)
    assert present.tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 0], [0, 0, 0]]
    assert known.tolist() == [[1, 1, 0], [1, 1, 1], [1, 0, 0], [0, 0, 0]]


def test_marks_of_one_target_for_each_image() -> None:
    targets = np.array([BEAGLE, DOG, 0])
    for one, several in zip(
        leaf_marks(ANIMALS, targets), leaf_marks(ANIMALS, targets[:, None]), strict=True
    ):
        assert np.array_equal(one, several)
    assert leaf_marks(ANIMALS, targets[:0])[0].shape == (0, 3)


def walk(tree: Taxonomy, node: int) -> set[int]:
    """The nodes from the root to this one."""
    return {0, *tree.path_to(node)}


@st.composite
def sets_in_trees(draw: st.DrawFn) -> tuple[Taxonomy, list[list[int]], list[list[int]]]:
    tree = draw(taxonomies())
    present, unknown = [], []
    for _ in range(draw(st.integers(1, 4))):
        shown: list[int] = []
        for node in draw(st.permutations(range(tree.num_nodes)))[:3]:
            if not any(other in walk(tree, node) or node in walk(tree, other) for other in shown):
                shown.append(node)
        present.append(shown)
        others = st.integers(0, tree.num_nodes - 1).filter(lambda node, s=shown: node not in s)
        unknown.append(draw(st.lists(others, max_size=2)) if tree.num_nodes > len(shown) else [])
    return tree, present, unknown


@given(sets_in_trees())
def test_against_walks_through_the_tree(
    case: tuple[Taxonomy, list[list[int]], list[list[int]]],
) -> None:
    tree, present, unknown = case
    sets = make_label_sets(tree, present, unknown)
    assert present_nodes(sets) == [sorted(shown) for shown in present]
    shared = [max(set.intersection(*(walk(tree, node) for node in shown))) for shown in present]
    assert common_ancestors(tree, sets).tolist() == shared  # a later node is no less deep
    marks = leaf_marks(tree, sets)
    for number, (shown, open_) in enumerate(zip(present, unknown, strict=True)):
        for place, leaf in enumerate(tree.leaves.tolist()):
            path = walk(tree, leaf)
            assert marks[0][number, place] == (leaf in shown)
            hidden = bool(path & set(open_)) or bool(path & set(shown))
            assert marks[1][number, place] == (leaf in shown or not hidden)


@given(sets_in_trees(), st.randoms(use_true_random=False))
def test_moved_by_numbers(
    case: tuple[Taxonomy, list[list[int]], list[list[int]]], random: object
) -> None:
    tree, present, unknown = case
    sets = make_label_sets(tree, present, unknown)
    numbers = np.array(random.sample(range(100), tree.num_nodes))  # type: ignore[attr-defined]
    numbers[-1] = -1
    rows, there = moved(sets, numbers)
    for row, kept, shown, open_ in zip(rows.tolist(), there, present, unknown, strict=True):
        assert kept == (tree.num_nodes - 1 not in shown)
        if kept:
            assert [node for node in row if node >= 0] == sorted(numbers[shown].tolist())
        hidden = {int(numbers[node]) for node in open_} - {-1}
        assert {-2 - node for node in row if node < NONE} == hidden
        assert row == sorted(row, key=lambda value: (value < 0, value == NONE, abs(value)))


def test_nodes_that_become_one_are_named_once() -> None:
    sets = make_label_sets(ANIMALS, [[BEAGLE, PUG], [BEAGLE], [CAT, PUG]], [[], [PUG], []])
    rows, there = moved(sets, np.array([0, 1, 2, 2, 2]))  # every dog is a dog
    assert there.all()
    assert rows.tolist() == [[DOG, NONE], [DOG, NONE], [CAT, DOG]]
