"""Answers that are sets: thresholds against trying all of them; never an empty answer."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from label_set_cases import LabelSetCase, label_set_cases
from numpy.typing import NDArray

from labeltree.decoding import SetDecoder
from labeltree.errors import ConfigError, DataError
from labeltree.metrics import micro_f1
from labeltree.taxonomy import Taxonomy
from labeltree.taxonomy.label_sets import make_label_sets

ANIMALS = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
Pairs = list[tuple[Any, bool]]


def quality(pairs: Pairs, threshold: float) -> Fraction:
    """F1 of pairs of a score and whether the leaf is present."""
    answers = [shown for score, shown in pairs if score >= threshold]
    answered, right = len(answers), sum(answers)
    return Fraction(2 * right, answered + sum(shown for _, shown in pairs))


def best(pairs: Pairs, preferred: float) -> float:
    """Of the thresholds between neighbouring scores, by trying each of them."""
    if not any(shown and score > 0 for score, shown in pairs):
        return preferred
    scores = sorted({0.0, *(score for score, _ in pairs)})
    between = [float((low + high) / 2) for low, high in pairwise(scores)]
    qualities = {threshold: quality(pairs, threshold) for threshold in between}
    most = max(qualities.values())
    good = [threshold for threshold, found in qualities.items() if found == most]
    return min(good, key=lambda threshold: abs(threshold - preferred))


def known_pairs(case: LabelSetCase) -> list[Pairs]:
    """For each leaf its images: the score and whether they show it."""
    marks = case.marks
    return [
        [(row[place], mark[place]) for row, mark in zip(case.scores, marks, strict=True)
         if mark[place] is not None]
        for place in range(case.tree.num_leaves)
    ]  # fmt: skip


def fitted(case: LabelSetCase) -> SetDecoder:
    return SetDecoder.from_validation(case.tree, case.scores, case.sets)


@given(label_set_cases())
def test_thresholds_are_the_best_of_all(case: LabelSetCase) -> None:
    leaves = known_pairs(case)
    shared = best([pair for pairs in leaves for pair in pairs], 0.5)
    assert fitted(case).thresholds == tuple(best(pairs, shared) for pairs in leaves)


@given(label_set_cases())
def test_what_is_not_known_and_the_order_of_images_do_not_matter(case: LabelSetCase) -> None:
    unknown = np.equal(np.array(case.marks, dtype=object).reshape(case.scores.shape), None)
    scores = np.where(unknown, case.scores.dtype.type(0.123), case.scores)
    thresholds = fitted(case).thresholds
    assert SetDecoder.from_validation(case.tree, scores, case.sets).thresholds == thresholds
    turned = SetDecoder.from_validation(case.tree, case.scores[::-1], case.sets[::-1])
    assert turned.thresholds == thresholds


@given(label_set_cases(leaves_only=True, min_images=1), st.floats(0, 1, exclude_min=True))
def test_no_threshold_for_all_leaves_has_a_better_micro_f1(
    case: LabelSetCase, other: float
) -> None:
    # With one more leaf that no image shows, that leaf gets the global threshold.
    tree = Taxonomy.from_paths([*case.tree.paths[1:], "nowhere"])
    places = np.array([tree.find(path) for path in case.tree.paths])
    scores = np.zeros((len(case.scores), tree.num_leaves))
    scores[:, tree.leaf_index[places[case.tree.leaves]]] = case.scores
    sets = make_label_sets(tree, [places[row].tolist() for row in case.present])
    decoder = SetDecoder.from_validation(tree, scores, sets)
    shared = decoder.thresholds[tree.leaf_index[tree.find("nowhere")]]
    assert micro_f1(tree, scores >= shared, sets) >= micro_f1(tree, scores >= other, sets)
    each = micro_f1(tree, scores >= np.array(decoder.thresholds), sets)
    assert shared > 0 and 0 <= each <= 1


@given(label_set_cases(), st.integers(0, 999))
def test_answers_reach_their_thresholds_and_are_never_empty(case: LabelSetCase, seed: int) -> None:
    decoder = fitted(case)
    presence = np.random.default_rng(seed).random((20, case.tree.num_leaves)) / 2
    kept = presence.copy()
    answers = decoder.answers(presence)
    assert answers.dtype == np.bool_
    for row, answer in zip(presence.tolist(), answers.tolist(), strict=True):
        reached = [p >= t for p, t in zip(row, decoder.thresholds, strict=True)]
        if any(reached):
            assert answer == reached
        else:
            shares = [p / t for p, t in zip(row, decoder.thresholds, strict=True)]
            assert answer == [place == int(np.argmax(shares)) for place in range(len(row))]
    np.testing.assert_array_equal(presence, kept)


def test_by_hand() -> None:
    cats = [[0.9, 0, 0], [0.7, 0, 0], [0.6, 0, 0], [0.3, 0, 0]]
    sets = make_label_sets(ANIMALS, [[1], [3], [1], [3]])
    # Cat: 0.8 gives 2 / 3, 0.65 gives 1 / 2, 0.45 gives 4 / 5. Beagle: always 0.
    # All leaves: the two cats by 0.45 have F1 4 / 7, which beagles get, too: 0 would be for all.
    decoder = SetDecoder.from_validation(ANIMALS, np.array(cats), sets)
    assert decoder.thresholds == pytest.approx((0.45, 0.45, 0.45))
    answers = SetDecoder((0.5, 0.25, 0.5)).answers(
        np.array([[0.5, 0.25, 0.4], [0.4, 0.2, 0.4], [0.2, 0.15, 0.3], [0, 0, 0]])
    )
    assert answers.astype(int).tolist() == [[1, 1, 0], [1, 0, 0], [0, 1, 0], [1, 0, 0]]


def test_among_equally_good_ones_the_nearest_to_the_global_one_is_taken() -> None:
    # Cat: letting in 0.75 alone has F1 2 × 1 / (1 + 2); all down to 0.25, 2 × 2 / (4 + 2).
    # All leaves, pugs at 0.875: by 0.625, 18 / 19. Pugs at 0.1875: by 0.09375, 20 / 22.
    cat = [0.75, 0.5, 0.375, 0.25]
    pugs = [[0.0, 0, 0.875]] * 8
    scores = np.array([[value, 0, 0] for value in cat] + pugs)
    sets = make_label_sets(ANIMALS, [[1], [2], [2], [1]] + [[4]] * 8)
    assert SetDecoder.from_validation(ANIMALS, scores, sets).thresholds[0] == 0.625
    low = np.array([[value, 0, 0] for value in cat] + [[0.0, 0, 0.1875]] * 8)
    assert SetDecoder.from_validation(ANIMALS, low, sets).thresholds[0] == 0.125


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_neighbouring_floats_are_told_apart(dtype: type[np.floating]) -> None:
    for low in (0.5, 0.3, 0.0, np.finfo(dtype).tiny, 1 - np.finfo(dtype).epsneg):
        high = np.nextafter(dtype(low), dtype(1))
        scores = np.array([[low, 1, 0], [high, 0, 0]], dtype=dtype)
        decoder = SetDecoder.from_validation(ANIMALS, scores, make_label_sets(ANIMALS, [[3], [1]]))
        assert (scores[:, 0] >= decoder.thresholds[0]).tolist() == [False, True]
        assert decoder.answers(scores)[:, 0].tolist() == [False, True]


def test_a_target_for_each_image_is_a_set_of_one() -> None:
    scores = np.random.default_rng(0).random((50, 3))
    targets = np.random.default_rng(1).choice([0, 1, 2, 3, 4], 50)
    one = SetDecoder.from_validation(ANIMALS, scores, targets)
    assert one == SetDecoder.from_validation(ANIMALS, scores, targets[:, None])


def test_a_leaf_whose_only_image_has_presence_0_is_not_answered_for_every_image() -> None:
    scores = np.array([[0.9, 0, 0.1], [0.1, 0, 0.9], [0.1, 0, 0.1]])
    decoder = SetDecoder.from_validation(ANIMALS, scores, np.array([1, 4, 3]))
    assert decoder.thresholds == (0.5, 0.5, 0.5)
    assert decoder.answers(scores)[:2].tolist() == [[True, False, False], [False, False, True]]
    nothing = SetDecoder.from_validation(ANIMALS, np.zeros((1, 3)), np.array([3]))
    assert nothing.thresholds == (0.5, 0.5, 0.5)


@pytest.mark.parametrize("targets", [[], [0, 0], [2, 2]])
def test_where_validation_shows_no_leaf_thresholds_are_a_half(targets: list[int]) -> None:
    scores = np.full((len(targets), 3), 0.9)
    decoder = SetDecoder.from_validation(ANIMALS, scores, np.array(targets, dtype=np.int64))
    assert decoder.thresholds == (0.5, 0.5, 0.5)


def test_it_survives_json() -> None:
    scores = np.random.default_rng(0).random((50, 3), dtype=np.float32)
    targets = np.random.default_rng(1).choice(ANIMALS.leaves, 50)
    decoder = SetDecoder.from_validation(ANIMALS, scores, targets)
    assert SetDecoder.from_dict(ANIMALS, json.loads(json.dumps(decoder.to_dict()))) == decoder


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "no list of thresholds; expected 3"),
        ([], "no list of thresholds"),
        ({"thresholds": "0.5"}, "no list of thresholds"),
        ({"thresholds": [0.5, 0.5]}, "2 thresholds; expected 3, one per leaf"),
        ({"thresholds": [0.5, "warm", 0.5]}, "of 'dog/beagle' is 'warm'; expected a number"),
        ({"thresholds": [0.5, 0.5, 1.5]}, "of 'dog/pug' is 1.5; expected a number from 0 to 1"),
        ({"thresholds": [float("nan"), 0.5, 0.5]}, "of 'cat' is nan"),
        ({"thresholds": [True, 0.5, 0.5]}, "of 'cat' is True"),
        ({"thresholds": [None, 0.5, 0.5]}, "of 'cat' is None"),
    ],
)
def test_damaged_settings_are_named(values: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        SetDecoder.from_dict(ANIMALS, values)


def test_a_diverged_training_and_columns_of_nodes_are_named() -> None:
    targets = np.array([1])
    with pytest.raises(DataError, match="lower the learning rate"):
        SetDecoder.from_validation(ANIMALS, np.full((1, 3), np.nan), targets)
    nodes: NDArray[np.float64] = np.ones((1, 5))
    with pytest.raises(ValueError, match=r"\(1, 5\); expected \(1, 3\)"):
        SetDecoder.from_validation(ANIMALS, nodes, targets)
    for wrong in (nodes, np.ones(3)):
        with pytest.raises(ValueError, match=r"expected \(n, 3\)"):
            SetDecoder((0.5, 0.5, 0.5)).answers(wrong)
