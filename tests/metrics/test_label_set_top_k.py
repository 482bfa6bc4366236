"""All or any labels among the k best leaves: against sorting, and one label against top-k."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from label_set_cases import LabelSetCase, label_set_cases, label_sets
from node_probabilities import coherent

from labeltree.metrics import all_in_top_k, any_in_top_k, top_k_accuracy
from labeltree.metrics.label_sets import ranks
from labeltree.taxonomy import Taxonomy
from labeltree.taxonomy.label_sets import make_label_sets

ANIMALS = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
PETS = Taxonomy.from_paths(["fish", "cat/manx", "cat/persian", "dog/beagle", "dog/pug"])
PUGGLE, DOG, CAT_AND_DOG = [3, 4], [2], [1, 2]


def found_in_top_k(case: LabelSetCase, image: int, k: int) -> list[bool]:
    """Whether each present node is found, by sorting the leaves that may take a place."""
    scores = case.scores[image]
    order = sorted(range(len(scores)), key=lambda place: -scores[place])  # a stable sort
    surest = {
        node: next(place for place in order if place in case.below(node))
        for node in case.present[image]
    }
    order = [p for p in order if case.mark(image, p) is not None or p in surest.values()]
    return [surest[node] in order[:k] for node in case.present[image]]


@given(label_set_cases(), st.integers(1, 6))
def test_it_is_membership_in_the_sorted_leaves(case: LabelSetCase, k: int) -> None:
    counted = [image for image, shown in enumerate(case.present) if shown != [0]]
    found = [found_in_top_k(case, image, k) for image in counted]
    every = np.mean([all(each) for each in found]) if found else math.nan
    some = np.mean([any(each) for each in found]) if found else math.nan
    np.testing.assert_equal(all_in_top_k(case.tree, case.scores, case.sets, k), every)
    np.testing.assert_equal(any_in_top_k(case.tree, case.scores, case.sets, k), some)


@given(label_set_cases(leaves_only=True, min_images=1), st.integers(1, 6))
def test_where_all_leaves_are_known_it_is_membership_in_the_k_best(
    case: LabelSetCase, k: int
) -> None:
    best = np.argsort(-case.scores, axis=1, kind="stable")[:, :k]
    found = [
        set(case.tree.leaf_index[shown]) <= set(row)
        for shown, row in zip(case.present, best, strict=True)
    ]
    assert all_in_top_k(case.tree, case.scores, case.sets, k) == np.mean(found)


@given(st.integers(0, 999), st.integers(1, 6), st.integers(0, 20))
def test_of_one_leaf_each_it_is_top_k_accuracy(seed: int, k: int, n: int) -> None:
    values = coherent(PETS, n, seed)
    targets = np.random.default_rng(seed).choice(PETS.leaves, n)
    expected = top_k_accuracy(PETS, values, targets, k)[-1]
    leaves = values[:, PETS.leaves]
    np.testing.assert_equal(all_in_top_k(PETS, leaves, targets, k), expected)
    np.testing.assert_equal(any_in_top_k(PETS, leaves, targets[:, None], k), expected)


@pytest.mark.parametrize(
    ("present", "unknown", "scores", "every", "some"),
    [
        (PUGGLE, [], [0.2, 0.9, 0.1], [0, 0, 1], [1, 1, 1]),
        (PUGGLE, [1], [0.2, 0.9, 0.1], [0, 1, 1], [1, 1, 1]),  # the cat takes no place
        (PUGGLE, [], [0.9, 0.5, 0.4], [0, 0, 1], [0, 1, 1]),
        (PUGGLE, [], [0.5, 0.5, 0.5], [0, 0, 1], [0, 1, 1]),  # ties to the lower leaf
        (DOG, [], [0.5, 0.1, 0.9], [1, 1, 1], [1, 1, 1]),
        (DOG, [], [0.9, 0.1, 0.5], [0, 1, 1], [0, 1, 1]),
        (DOG, [4], [0.5, 0.1, 0.9], [1, 1, 1], [1, 1, 1]),
        (CAT_AND_DOG, [], [0.1, 0.9, 0.8], [0, 1, 1], [1, 1, 1]),  # perhaps a puggle: no place
        ([3], [2], [0.1, 0.8, 0.9], [1, 1, 1], [1, 1, 1]),  # a beagle, of pugs nothing is known
        (DOG, [], [-np.inf, -np.inf, -np.inf], [0, 1, 1], [0, 1, 1]),
        ([3], [], [np.nan, 0.9, 0.1], [0, 1, 1], [0, 1, 1]),  # no number: before everything
        ([3], [], [0.9, np.nan, 0.1], [0, 0, 0], [0, 0, 0]),
    ],
)
def test_by_hand(
    present: list[int],
    unknown: list[int],
    scores: list[float],
    every: list[int],
    some: list[int],
) -> None:
    sets = make_label_sets(ANIMALS, [present], [unknown])
    values = np.array([scores])
    assert [all_in_top_k(ANIMALS, values, sets, k) for k in (1, 2, 3)] == every
    assert [any_in_top_k(ANIMALS, values, sets, k) for k in (1, 2, 3)] == some


def test_images_known_at_the_root_do_not_count() -> None:
    sets = make_label_sets(ANIMALS, [[0], [1]])
    scores = np.array([[0.1, 0.2, 0.3], [0.1, 0.2, 0.3]])
    assert any_in_top_k(ANIMALS, scores, sets) == 0
    assert any_in_top_k(ANIMALS, scores, sets, k=3) == 1


@pytest.mark.parametrize("metric", [all_in_top_k, any_in_top_k])
def test_no_leaf_at_all_is_no_top_k(metric: Callable[..., float]) -> None:
    with pytest.raises(ValueError, match="k is 0; expected at least 1"):
        metric(ANIMALS, np.array([[0.1, 0.2, 0.3]]), np.array([[1]]), k=0)


def test_large_sets_are_ranked_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    sets = make_label_sets(PETS, *label_sets(PETS, 50, seed=0))
    scores = np.random.default_rng(1).random((50, 5))
    whole = ranks.present_ranks(PETS, scores, sets)
    monkeypatch.setattr(ranks, "_BLOCK_VALUES", 20)
    for part, found in zip(ranks.present_ranks(PETS, scores, sets), whole, strict=True):
        np.testing.assert_array_equal(part, found)
