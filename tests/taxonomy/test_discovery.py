"""A tree from a confusion matrix: planted groups come back, whatever the order of the classes."""

from itertools import permutations
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labeltree.errors import TaxonomyError
from labeltree.taxonomy import Taxonomy, discover, load_taxonomy, save_taxonomy
from labeltree.taxonomy.discovery import agreement, share_within
from labeltree.taxonomy.group_tree import tree_of_groups
from labeltree.taxonomy.grouping import METHODS, group, number_of_groups, similarity

PETS = ("beagle", "manx", "pug", "siamese")
COUNTS = np.array([[8, 0, 2, 0], [0, 9, 0, 1], [1, 0, 9, 0], [0, 2, 0, 8]])


def divisions(groups: np.ndarray) -> set[frozenset[int]]:
    """The groups as sets of classes, without their numbers."""
    return {frozenset(np.flatnonzero(groups == label).tolist()) for label in np.unique(groups)}


@st.composite
def planted(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """A confusion matrix with 2 to 6 groups of 2 to 6 classes in any order, and the groups.

    Within a group all confusions are stronger than between any; the diagonal is anything.
    """
    sizes = draw(st.lists(st.integers(2, 6), min_size=2, max_size=6))
    random = np.random.default_rng(draw(st.integers(0, 10**6)))
    labels = random.permutation(np.repeat(np.arange(len(sizes)), sizes))
    number = len(labels)
    noise = draw(st.sampled_from([0, 0.05, 0.5])) / number
    within = labels[:, None] == labels
    shares = np.where(within, random.uniform(0.7, 1, (number, number)), 0)
    shares += noise * random.random((number, number))
    np.fill_diagonal(shares, 0)
    np.fill_diagonal(shares, 20 - shares.sum(axis=1))
    images = random.integers(10, 1000, (number, 1))
    return shares * images, labels


@st.composite
def matrices(draw: st.DrawFn) -> np.ndarray:
    """Counts with many zeros and ties, and at least one confusion."""
    number = draw(st.integers(3, 9))
    counts = np.array(draw(st.lists(st.integers(0, 3), min_size=number**2, max_size=number**2)))
    counts = (counts * (counts > draw(st.integers(0, 2)))).reshape(number, number)
    counts[0, 1] += 1
    return counts


def letters(number: int) -> list[str]:
    return [chr(ord("a") + place) for place in range(number)]


@pytest.mark.parametrize("method", METHODS)
def test_two_pairs(method: str) -> None:
    found = discover(COUNTS, PETS, method=method)
    assert found.taxonomy.paths == (
        "", "group of beagle", "group of manx",
        "group of beagle/beagle", "group of beagle/pug",
        "group of manx/manx", "group of manx/siamese",
    )  # fmt: skip
    assert found.taxonomy.level_names == ("group", "class")
    assert found.levels == (2,) and found.isolated == ()
    assert divisions(found.groups[0]) == {frozenset({0, 2}), frozenset({1, 3})}


@pytest.mark.parametrize("method", METHODS)
@given(planted())
@settings(max_examples=40)
def test_planted_groups_are_found(method: str, case: tuple[np.ndarray, np.ndarray]) -> None:
    confusion, labels = case
    names = [f"class {place}" for place in range(len(labels))]
    for levels in (None, [int(labels.max()) + 1]):
        found = discover(confusion, names, levels, method)
        assert agreement(found.groups[0], labels) == pytest.approx((1, 1))
        assert divisions(found.groups[0]) == divisions(labels)


def test_easy_groups_count_as_much_as_hard_ones() -> None:
    scales = np.repeat([1.0, 0.1, 0.001], 4)
    labels = np.repeat([0, 1, 2], 4)
    confusion = np.where(labels[:, None] == labels, scales[:, None], 1e-5)
    np.fill_diagonal(confusion, 10)
    found = discover(confusion, letters(12))
    assert divisions(found.groups[0]) == divisions(labels)


@pytest.mark.parametrize("method", METHODS)
@given(matrices(), st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_the_order_of_classes_does_not_matter(
    method: str, confusion: np.ndarray, random: Random
) -> None:
    names = letters(len(confusion))
    order = random.sample(range(len(names)), len(names))
    found = discover(confusion, names, method=method)
    shuffled = discover(confusion[np.ix_(order, order)], [names[i] for i in order], method=method)
    assert shuffled.taxonomy == found.taxonomy
    assert shuffled.isolated == found.isolated
    np.testing.assert_array_equal(shuffled.groups, found.groups[:, order])


@pytest.mark.parametrize("method", METHODS)
@given(planted(), st.randoms(use_true_random=False))
@settings(max_examples=20)
def test_names_do_not_matter(
    method: str, case: tuple[np.ndarray, np.ndarray], random: Random
) -> None:
    confusion, labels = case
    names = [f"class {place}" for place in random.sample(range(len(labels)), len(labels))]
    levels = [int(labels.max()) + 1]
    found = discover(confusion, names, levels, method)
    other = discover(confusion, sorted(names), levels, method)
    assert divisions(found.groups[0]) == divisions(other.groups[0])


@pytest.mark.parametrize("method", METHODS)
@given(matrices(), st.data())
@settings(max_examples=60)
def test_every_tree_is_sound(method: str, confusion: np.ndarray, data: st.DataObject) -> None:
    names = letters(len(confusion))
    isolated = len(names) - np.count_nonzero(similarity(confusion).any(axis=0))
    numbers = range(1 if isolated else 2, len(names) - isolated)
    levels = data.draw(
        st.none() if not numbers else st.lists(st.sampled_from(numbers), min_size=1, unique=True)
    )
    found = discover(confusion, names, levels and sorted(levels), method)
    tree = found.taxonomy
    assert sorted(tree.names[leaf] for leaf in tree.leaves) == names
    assert len(set(tree.names)) == len(tree.names)
    assert (tree.num_children != 1).all()
    assert len(found.isolated) == isolated
    for groups, number in zip(found.groups, found.levels, strict=True):
        assert len(np.unique(groups)) == number + isolated
    for coarse, fine in zip(found.groups[:-1], found.groups[1:], strict=True):
        for label in np.unique(fine):  # nested
            assert len(np.unique(coarse[fine == label])) == 1
    for depth in range(1, tree.depth):  # siblings are what the groups say
        above = tree.ancestor_at(tree.leaves, depth)
        for groups in found.groups[:1] if depth == 1 else ():
            by_leaf = groups[[names.index(tree.names[leaf]) for leaf in tree.leaves]]
            assert divisions(above) == divisions(by_leaf)


def test_average_linkage_by_hand() -> None:
    """A and b first (0.6); then d to c (0.3) before c to {a, b} ((0.4 + 0) / 2)."""
    similarities = np.array([[0, 0.6, 0.4, 0], [0.6, 0, 0, 0], [0.4, 0, 0, 0.3], [0, 0, 0.3, 0.0]])
    cuts = group(similarities, [2, 3], "agglomerative")
    assert cuts.tolist() == [[0, 0, 1, 1], [0, 0, 1, 2]]


def test_similarity_by_hand() -> None:
    confusion = np.array([[1.0, 3, 0], [0, 0, 0], [2, 2, 4]])  # no image of the second class
    expected = [[0, 3 / 8, 1 / 8], [3 / 8, 0, 1 / 8], [1 / 8, 1 / 8, 0]]
    np.testing.assert_allclose(similarity(confusion), expected)
    np.testing.assert_allclose(similarity(confusion * 4e307), expected)


def test_levels_above_merge_the_finest_groups() -> None:
    pairs = np.kron(np.eye(4), np.ones((2, 2)))
    nearby = np.kron(np.eye(2), np.ones((4, 4)))
    for method in METHODS:
        found = discover(pairs + 0.1 * nearby + 0.001, letters(8), [2, 4], method)
        assert found.taxonomy.level_names == ("group 1", "group 2", "class")
        assert found.taxonomy.paths[1:7] == (
            "groups around a", "groups around e",
            "groups around a/group of a", "groups around a/group of c",
            "groups around e/group of e", "groups around e/group of g",
        )  # fmt: skip


def test_what_is_never_confused_stands_beside_the_groups() -> None:
    counts = np.diag([5, 5, 5, 5])
    counts[0, 2] = counts[2, 0] = 1
    found = discover(counts, PETS)
    assert found.taxonomy.paths == (
        "", "group of beagle", "manx", "siamese", "group of beagle/beagle", "group of beagle/pug"
    )  # fmt: skip
    assert found.isolated == ("manx", "siamese") and found.levels == (1,)
    assert divisions(found.groups[0]) == {frozenset({0, 2}), frozenset({1}), frozenset({3})}


def test_a_group_of_one_class_is_that_class() -> None:
    counts = np.array([[9, 3, 1], [3, 9, 0], [1, 0, 9]])
    tree = discover(counts, ["a", "b", "c"], [2], "agglomerative").taxonomy
    assert tree.paths == ("", "group of a", "c", "group of a/a", "group of a/b")


def test_a_group_that_is_not_divided_stands_once() -> None:
    groups = np.array([[0, 0, 1, 1, 1], [0, 0, 1, 1, 2]])
    tree = tree_of_groups(groups, letters(5), np.ones((5, 5)))
    assert tree.paths[1:] == (
        "group of a", "groups around c", "group of a/a", "group of a/b",
        "groups around c/group of c", "groups around c/e",
        "groups around c/group of c/c", "groups around c/group of c/d",
    )  # fmt: skip


def test_names_of_groups_are_free() -> None:
    names = ["a", "group of a", "group of a 2", "b"]
    tree = tree_of_groups(np.array([[0, 0, 1, 1]]), names, np.ones((4, 4)))
    assert tree.paths[1:3] == ("group of a 3", "group of group of a 2")


def test_the_central_class_names_the_group() -> None:
    counts = np.array([[9, 0, 2, 0], [0, 9, 2, 0], [2, 2, 9, 0], [0, 0, 0, 9]])
    assert discover(counts, ["a", "b", "middle", "z"], [1]).taxonomy.names[1] == "group of middle"


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("number", [3, 4, 7, 12])
def test_classes_that_nothing_tells_apart(method: str, number: int) -> None:
    """Any answer is right; it is the same one each time, with as many groups as asked for."""
    names = [f"{place:02}" for place in range(number)]
    for groups in range(2, number):
        found = discover(np.ones((number, number)), names, [groups], method)
        assert len(np.unique(found.groups[0])) == groups
        again = discover(np.ones((number, number)), names, [groups], method)
        assert again.taxonomy == found.taxonomy


def test_more_pieces_than_groups() -> None:
    """Six pairs without any confusion between them, in four groups: no pair is torn apart."""
    pairs = np.kron(np.eye(6), np.ones((2, 2)))
    for method in METHODS:
        found = discover(pairs, letters(12), [4], method)
        assert (found.groups[0][::2] == found.groups[0][1::2]).all()
        assert len(np.unique(found.groups[0])) == 4


def test_the_largest_gap() -> None:
    for blocks in (2, 3, 5):
        similarities = similarity(np.kron(np.eye(blocks), np.ones((4, 4))) + 0.01)
        assert number_of_groups(similarities) == blocks
    assert number_of_groups(similarity(np.ones((5, 5)))) == 2  # n/2 is the most


def test_random_groups_by_brute_force() -> None:
    random = np.random.default_rng(0)
    confusion, groups = random.random((5, 5)), np.array([0, 0, 0, 1, 1])
    shares = [share_within(confusion, groups[list(order)])[0] for order in permutations(range(5))]
    assert np.mean(shares) == pytest.approx(share_within(confusion, groups)[1])


def test_agreement_by_hand() -> None:
    """Of 6 pairs, 1 is together in both, 2 in one, 2 in the other: Rand adjusted for chance."""
    one, two = np.array([0, 0, 1, 1]), np.array([0, 0, 0, 1])
    together, expected, most = 1, 2 * 3 / 6, (2 + 3) / 2
    assert agreement(one, two)[0] == pytest.approx((together - expected) / (most - expected))


@pytest.mark.parametrize(
    ("confusion", "names", "levels", "told"),
    [
        (np.diag([5, 6, 7]), "abc", None, "no class is ever confused.*use probabilities"),
        (np.zeros((3, 3)), "abc", None, "no class is ever confused"),
        (np.ones((3, 2)), "abc", None, r"shape \(3, 2\) for 3 class names"),
        (np.ones((2, 2)), "ab", None, "2 of 3 classes that grouping takes"),
        (np.ones((3, 3)), "aba", None, "'a' stands twice"),
        ([[1, 2, 3], [1, -1, 1], [1, 1, 1]], "abc", None, "row 'b', column 'b': -1"),
        ([[1, 2, np.nan], [1, 1, 1], [1, 1, 1]], "abc", None, "row 'a', column 'c': nan"),
        ([[1, 2, np.inf], [1, 1, 1], [1, 1, 1]], "abc", None, "row 'a', column 'c': inf"),
        (np.ones((4, 4)), "abcd", [1], "1 groups of 4 classes; expected 2 to 3"),
        (np.ones((4, 4)), "abcd", [4], "4 groups of 4 classes; expected 2 to 3"),
        (np.ones((9, 9)), "abcdefghi", [5, 2], "levels 5,2; .* coarse to fine: 2,5"),
        (np.ones((9, 9)), "abcdefghi", [3, 3], "levels 3,3; .* coarse to fine: 3"),
        (np.ones((9, 9)), "abcdefghi", [], "levels none; .* coarse to fine: 5,20"),
        (np.kron(np.eye(2), np.ones((3, 3)))[:4, :4], "abcd", [3],
         r"3 groups of 3 classes \(1 more are never confused\); expected 1 to 2"),
    ],
)  # fmt: skip
def test_what_cannot_be_grouped(
    confusion: object, names: str, levels: list[int] | None, told: str
) -> None:
    with pytest.raises(TaxonomyError, match=told) as caught:
        discover(np.asarray(confusion), list(names), levels)
    assert "\n" not in str(caught.value)


def test_an_unknown_method() -> None:
    with pytest.raises(TaxonomyError, match="'spectrall' is not known; did you mean 'spectral'"):
        discover(COUNTS, PETS, method="spectrall")


def test_fewer_groups_than_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    from sklearn.cluster import SpectralClustering

    monkeypatch.setattr(SpectralClustering, "fit_predict", lambda self, x: np.zeros(len(x), int))
    with pytest.raises(TaxonomyError, match="tells only 1 apart"):
        discover(COUNTS, PETS)


def test_the_tree_is_written_and_read(tmp_path: Path) -> None:
    tree = discover(COUNTS, PETS).taxonomy
    assert isinstance(tree, Taxonomy)
    save_taxonomy(tree, tmp_path / "tree.json")
    assert load_taxonomy(tmp_path / "tree.json") == tree
