"""mAP and the F1s of label sets: against scikit-learn and torchmetrics, and facts by hand."""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from label_set_cases import LabelSetCase, label_set_cases, label_sets, tied_scores
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, average_precision_score, f1_score

from labeltree.metrics import (
    LABEL_SET_ANSWER_METRICS,
    LABEL_SET_METRICS,
    all_in_top_k,
    any_in_top_k,
    exact,
    example_f1,
    label_f1,
    label_set_summary,
    mean_average_precision,
    micro_f1,
)
from labeltree.taxonomy import Taxonomy
from labeltree.taxonomy.label_sets import make_label_sets

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", "pkg_resources is deprecated", UserWarning)
    from torchmetrics.functional.classification import (
        multilabel_average_precision,
        multilabel_f1_score,
    )

ANIMALS = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
PETS = Taxonomy.from_paths(["fish", "cat/manx", "cat/persian", "dog/beagle", "dog/pug"])
EVERY = {**LABEL_SET_METRICS, **LABEL_SET_ANSWER_METRICS}


def nodes(*sets: str, unknown: list[str] | None = None) -> NDArray[np.int64]:
    """Label sets of ANIMALS from words, each set as `cat dog/pug`."""

    def found(words: str) -> list[int]:
        return [ANIMALS.find("" if word == "root" else word) for word in words.split()]

    return make_label_sets(
        ANIMALS, list(map(found, sets)), list(map(found, unknown)) if unknown else None
    )


def marked(case: LabelSetCase) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Present and known, from the marks of the case."""
    marks = np.array(case.marks, dtype=object).reshape(case.scores.shape)
    return marks == True, np.not_equal(marks, None)  # noqa: E712


def mean(values: list[float]) -> float:
    return float(np.mean(values)) if values else math.nan


@given(label_set_cases())
def test_map_is_scikit_learns_of_the_images_that_are_known(case: LabelSetCase) -> None:
    present, known = marked(case)
    expected = [
        average_precision_score(present[known[:, leaf], leaf], case.scores[known[:, leaf], leaf])
        for leaf in range(case.tree.num_leaves)
        if present[:, leaf].any()
    ]
    found = mean_average_precision(case.tree, case.scores, case.sets)
    assert found == pytest.approx(mean(expected), nan_ok=True)


@given(label_set_cases(), st.integers(0, 999))
def test_f1_is_scikit_learns_of_what_is_known(case: LabelSetCase, seed: int) -> None:
    present, known = marked(case)
    answers = np.random.default_rng(seed).random(present.shape) < 0.4
    shown = present.any(axis=0)
    per_leaf = [
        f1_score(present[known[:, leaf], leaf], answers[known[:, leaf], leaf])
        for leaf in np.flatnonzero(shown)
    ]
    per_image = [
        f1_score(row, answer)
        for row, answer in zip(
            [p[k] for p, k in zip(present, known, strict=True)],
            [a[k] for a, k in zip(answers, known, strict=True)],
            strict=True,
        )
        if row.any()
    ]
    overall = f1_score(present[known], answers[known]) if present.any() else math.nan
    tree, sets = case.tree, case.sets
    assert label_f1(tree, answers, sets) == pytest.approx(mean(per_leaf), nan_ok=True)
    assert example_f1(tree, answers, sets) == pytest.approx(mean(per_image), nan_ok=True)
    assert micro_f1(tree, answers, sets) == pytest.approx(overall, nan_ok=True)
    right = [f1 == 1 for f1 in per_image]
    assert exact(tree, answers, sets) == pytest.approx(mean(right), nan_ok=True)


@given(label_set_cases(leaves_only=True, min_images=1), st.integers(0, 999))
def test_where_all_is_known_f1_is_scikit_learns_at_once(case: LabelSetCase, seed: int) -> None:
    present, known = marked(case)
    assert known.all()
    assume(case.tree.num_leaves > 1)  # scikit-learn takes one column for two classes
    answers = np.random.default_rng(seed).random(present.shape) < 0.4
    truth, told = present.astype(int), answers.astype(int)
    shown = np.flatnonzero(present.any(axis=0))
    macro = f1_score(truth, told, average="macro", labels=shown, zero_division=0)
    micro = f1_score(truth, told, average="micro", zero_division=0)
    samples = f1_score(truth, told, average="samples", zero_division=0)
    tree, sets = case.tree, case.sets
    assert label_f1(tree, answers, sets) == pytest.approx(macro)
    assert micro_f1(tree, answers, sets) == pytest.approx(micro)
    assert example_f1(tree, answers, sets) == pytest.approx(samples)
    assert exact(tree, answers, sets) == pytest.approx(accuracy_score(truth, told))


@pytest.mark.parametrize("seed", range(3))
def test_torchmetrics_says_the_same(seed: int) -> None:
    n = 200
    case = LabelSetCase(PETS, tied_scores(PETS, n, seed, 50), *label_sets(PETS, n, seed))
    present, known = marked(case)
    assert present.any(axis=0).all() and not known.all()
    scores = torch.from_numpy(case.scores)
    target = torch.from_numpy(np.where(known, present.astype(int), -1))
    theirs = multilabel_average_precision(scores, target, num_labels=5, ignore_index=-1)
    assert mean_average_precision(PETS, case.scores, case.sets) == pytest.approx(theirs.item())
    ours: dict[str, Callable[..., float]] = {"macro": label_f1, "micro": micro_f1}
    for average, metric in ours.items():
        theirs = multilabel_f1_score(
            scores, target, num_labels=5, threshold=0.7, average=average, ignore_index=-1
        )
        found = metric(PETS, case.scores > 0.7, case.sets)
        assert found == pytest.approx(theirs.item())


def test_by_hand_what_is_not_known_neither_helps_nor_hurts() -> None:
    scores = np.array([[0.9, 0.8, 0.1], [0.2, 0.6, 0.7], [0.4, 0.5, 0.3]])
    sets = nodes("dog/beagle", "dog", "dog/pug", unknown=["cat", "", ""])
    # Of cats nothing is present. Beagle: image 0 before image 2; image 1 is some dog.
    # Pug: image 2 (0.3) before image 0 (0.1), image 1 left out.
    assert mean_average_precision(ANIMALS, scores, sets) == 1
    answers = scores > 0.45  # cat beagle | beagle pug | beagle
    # Known: 0: beagle right; 1: cat rightly not; 2: beagle wrong, pug missing.
    assert micro_f1(ANIMALS, answers, sets) == pytest.approx(2 * 1 / (2 + 2))
    assert label_f1(ANIMALS, answers, sets) == pytest.approx((2 / 3 + 0) / 2)
    assert example_f1(ANIMALS, answers, sets) == pytest.approx((1 + 0) / 2)
    assert exact(ANIMALS, answers, sets) == 0.5


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("sets", [nodes(), nodes("root", "root"), np.full((1, 2), -1)])
def test_where_nothing_is_known_there_is_no_figure(name: str, sets: NDArray[np.int64]) -> None:
    values = np.ones((len(sets), 3), dtype=bool)
    assert math.isnan(EVERY[name](ANIMALS, values, sets))


@pytest.mark.parametrize("name", EVERY)
def test_perfect_answers_inputs_left_alone_and_one_target_per_image(name: str) -> None:
    sets = np.concatenate([PETS.leaves, PETS.leaves])
    answers = np.vstack([np.eye(5, dtype=bool)] * 2)
    kept = sets.copy(), answers.copy()
    found = EVERY[name](PETS, answers if name in LABEL_SET_ANSWER_METRICS else answers + 0.0, sets)
    assert type(found) is float
    assert found == 1 == EVERY[name](PETS, answers, sets[:, None])
    np.testing.assert_array_equal(sets, kept[0])
    np.testing.assert_array_equal(answers, kept[1])


@pytest.mark.parametrize("name", EVERY)
@settings(max_examples=20)
@given(case=label_set_cases(), seed=st.integers(0, 999))
def test_the_order_of_images_and_of_children_does_not_matter(
    name: str, case: LabelSetCase, seed: int
) -> None:
    values = np.random.default_rng(seed).random(case.scores.shape)  # without ties
    if name in LABEL_SET_ANSWER_METRICS:
        values = values > 0.5
    tree = case.tree
    turned = Taxonomy.from_paths(tree.paths[:0:-1])
    place = np.array([turned.find(path) for path in tree.paths])
    sets = make_label_sets(
        turned,
        [place[row].tolist() for row in case.present][::-1],
        [place[row].tolist() if row else [] for row in case.unknown][::-1],
    )
    there = np.empty_like(values)
    there[:, turned.leaf_index[place[tree.leaves]]] = values
    found = EVERY[name](tree, values, case.sets)
    assert EVERY[name](turned, there[::-1], sets) == pytest.approx(found, nan_ok=True)


def test_the_summary_is_what_the_metrics_say() -> None:
    present, unknown = label_sets(PETS, 100, seed=0)
    sets, scores = make_label_sets(PETS, present, unknown), tied_scores(PETS, 100, 1, 50)
    answers = scores > 0.6
    found = label_set_summary(PETS, scores, answers, sets)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found == {
        "images": 100,
        "labels_per_image": np.mean([len(row) for row in present]),
        "map": mean_average_precision(PETS, scores, sets),
        "label_f1": label_f1(PETS, answers, sets),
        "micro_f1": micro_f1(PETS, answers, sets),
        "example_f1": example_f1(PETS, answers, sets),
        "exact": exact(PETS, answers, sets),
        "all_in_top1": all_in_top_k(PETS, scores, sets, 1),
        "all_in_top5": all_in_top_k(PETS, scores, sets, 5),
        "any_in_top1": any_in_top_k(PETS, scores, sets, 1),
        "any_in_top5": any_in_top_k(PETS, scores, sets, 5),
    }
    none = label_set_summary(PETS, scores[:0], answers[:0], sets[:0])
    assert none == {"images": 0, **dict.fromkeys(list(found)[1:])}


@pytest.mark.parametrize("name", EVERY)
def test_columns_of_nodes_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"\(1, 5\); expected \(1, 3\)"):
        EVERY[name](ANIMALS, np.ones((1, 5), dtype=bool), nodes("cat"))
