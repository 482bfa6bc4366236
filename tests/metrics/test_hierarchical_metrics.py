"""AHD@k, mistake severity, hierarchical precision, recall and F1: against sets of ancestors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from node_probabilities import Floats, Nodes, answered_cases
from sklearn.metrics import precision_recall_fscore_support

from labeltree.metrics import (
    average_hierarchical_distance,
    hierarchical_f1,
    hierarchical_precision,
    hierarchical_recall,
    hierarchical_scores,
    leaf_answers,
    mistake_severity,
)
from labeltree.taxonomy import Taxonomy

ANIMALS = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])


def height(tree: Taxonomy, node: int) -> int:
    children = range(len(tree))[tree.children(node)]
    return 1 + max(height(tree, child) for child in children) if children else 0


def distance(tree: Taxonomy, a: int, b: int) -> int:
    shared = {0, *tree.path_to(a)} & {0, *tree.path_to(b)}
    return height(tree, max(shared, key=lambda node: tree.depths[node]))


@given(answered_cases(), st.integers(1, 6))
def test_distances_are_heights_of_common_ancestors(
    case: tuple[Taxonomy, Floats, Nodes], k: int
) -> None:
    tree, values, targets = case
    rng = np.random.default_rng(0)
    values = tree.roll_up(rng.dirichlet(np.ones(tree.num_leaves), len(values)))  # no ties
    found, mistakes = [], []
    for p, target in zip(values, targets.tolist(), strict=True):
        if tree.num_children[target] == 0:
            order = sorted(tree.leaves.tolist(), key=lambda leaf, p=p: -p[leaf])
            found += [distance(tree, leaf, target) for leaf in order[:k]]
            mistakes += [distance(tree, order[0], target)] if order[0] != target else []
    np.testing.assert_allclose(
        average_hierarchical_distance(tree, values, targets, k),
        np.mean(found) if found else np.nan,
    )
    np.testing.assert_allclose(
        mistake_severity(tree, values, targets), np.mean(mistakes) if mistakes else np.nan
    )


@given(answered_cases(), st.integers(0, 999))
def test_scores_are_scikit_learns_on_ancestor_indicators(
    case: tuple[Taxonomy, Floats, Nodes], seed: int
) -> None:
    tree, _, targets = case
    answers = np.random.default_rng(seed).integers(0, len(tree), len(targets))
    told, true = (np.zeros((len(targets), len(tree)), dtype=int) for _ in range(2))
    for row, (answer, target) in enumerate(zip(answers.tolist(), targets.tolist(), strict=True)):
        path = tree.path_to(answer)
        if tree.num_children[target] > 0:
            path = path[: tree.depths[target]]
        told[row, path] = 1
        true[row, tree.path_to(target)] = 1
    precision, recall, f1, _ = precision_recall_fscore_support(
        true, told, average="micro", zero_division=np.nan
    )
    np.testing.assert_allclose(hierarchical_scores(tree, answers, targets), (precision, recall, f1))


def test_scores_by_hand() -> None:
    # {cat} for {dog, pug}, {dog, pug} for {dog, beagle}, {dog, pug} for {dog}: nothing below known.
    answers = np.array([1, 4, 4])
    targets = np.array([4, 3, 2])
    found = hierarchical_scores(ANIMALS, answers, targets)
    assert found == pytest.approx((2 / 4, 2 / 5, 4 / 9))


@given(answered_cases())
def test_of_probabilities_the_best_leaf_is_scored(case: tuple[Taxonomy, Floats, Nodes]) -> None:
    tree, values, targets = case
    expected = hierarchical_scores(tree, leaf_answers(tree, values), targets)
    metrics = (hierarchical_precision, hierarchical_recall, hierarchical_f1)
    found = [metric(tree, values, targets) for metric in metrics]
    np.testing.assert_equal(found, list(expected))
