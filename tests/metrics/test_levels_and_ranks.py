"""Answers of levels, top-k accuracy, FPA, TICE: against scikit-learn and walks over nodes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from node_probabilities import Floats, Nodes, levelwise, levelwise_cases, likely_targets
from sklearn.metrics import top_k_accuracy_score

from labeltree.metrics import (
    full_path_accuracy,
    inconsistency,
    level_answers,
    top_k,
    top_k_accuracy,
)
from labeltree.taxonomy import Taxonomy

PETS = Taxonomy.from_paths(["fish", "cat/manx", "cat/persian", "dog/beagle", "dog/pug"])
LEVELWISE = st.booleans().flatmap(levelwise_cases)


def answered(tree: Taxonomy, p: Floats, depth: int) -> int:
    return int(max(tree.cut(depth).tolist(), key=lambda node: p[node]))


def judged(tree: Taxonomy, target: int) -> list[int]:
    """Depths that a target decides."""
    leaf = tree.num_children[target] == 0
    return [d for d in range(1, tree.depth + 1) if leaf or tree.depths[target] >= d]


def truth(tree: Taxonomy, target: int, depth: int) -> int:
    return [0, *tree.path_to(target)][: depth + 1][-1]


@given(LEVELWISE)
def test_level_answers_are_the_argmax_of_the_cut(case: tuple[Taxonomy, Floats]) -> None:
    tree, values = case
    for depth in range(1, tree.depth + 1):
        expected = [answered(tree, p, depth) for p in values]
        assert level_answers(tree, values, depth).tolist() == expected


@given(LEVELWISE, st.integers(0, 999), st.integers(1, 6))
def test_top_k_is_membership_in_the_sorted_cut(
    case: tuple[Taxonomy, Floats], seed: int, k: int
) -> None:
    tree, values = case
    targets = likely_targets(tree, values, seed)
    for depth, share in enumerate(top_k_accuracy(tree, values, targets, k), start=1):
        hits = []
        for p, target in zip(values, targets.tolist(), strict=True):
            if depth in judged(tree, target):
                order = sorted(tree.cut(depth).tolist(), key=lambda node, p=p: -p[node])
                hits.append(truth(tree, target, depth) in order[:k])
        np.testing.assert_equal(share, np.mean(hits) if hits else np.nan)


@pytest.mark.parametrize("k", [1, 2, 3])
def test_top_k_is_scikit_learns(k: int) -> None:
    values = levelwise(PETS, 500, seed=0)
    targets = np.random.default_rng(1).choice(PETS.leaves, 500)
    for depth, share in enumerate(top_k_accuracy(PETS, values, targets, k), start=1):
        cut = PETS.cut(depth)
        if k < len(cut):
            classes = np.searchsorted(cut, PETS.ancestor_at(targets, depth))
            expected = top_k_accuracy_score(classes, values[:, cut], k=k, labels=range(len(cut)))
            assert share == pytest.approx(expected)


def test_large_sets_are_ranked_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    values = levelwise(PETS, 50, seed=0)
    targets = likely_targets(PETS, values, seed=1)
    whole = top_k_accuracy(PETS, values, targets)
    monkeypatch.setattr(top_k, "_BLOCK_VALUES", 20)
    assert top_k_accuracy(PETS, values, targets) == whole


def test_what_is_no_number_is_never_right() -> None:
    values = np.full((1, len(PETS)), np.nan)
    assert top_k_accuracy(PETS, values, PETS.leaves[-1:]) == [0.0, 0.0]


@given(LEVELWISE, st.integers(0, 999))
def test_full_paths_and_consistency(case: tuple[Taxonomy, Floats], seed: int) -> None:
    tree, values = case
    targets: Nodes = likely_targets(tree, values, seed)
    right, broken = [], []
    for p, target in zip(values, targets.tolist(), strict=True):
        answers = [answered(tree, p, depth) for depth in range(1, tree.depth + 1)]
        deepest = [0, *tree.path_to(answers[-1])]
        path = [deepest[: depth + 1][-1] for depth in range(1, tree.depth + 1)]
        broken.append(answers != path)
        if target:
            levels = judged(tree, target)
            right.append(all(answers[d - 1] == truth(tree, target, d) for d in levels))
    assert inconsistency(tree, values, targets) == np.mean(broken)
    np.testing.assert_equal(
        full_path_accuracy(tree, values, targets), np.mean(right) if right else np.nan
    )
