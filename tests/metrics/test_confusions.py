"""Errors per node, leakage and confused pairs: against dense counts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from node_probabilities import Floats, Nodes, answered_cases
from sklearn.metrics import confusion_matrix

from labeltree.metrics import confused_pairs, leaf_answers, leakage, node_errors
from labeltree.taxonomy import Taxonomy

CASES = st.tuples(answered_cases(), st.booleans(), st.integers(0, 999))


def answers_to(
    case: tuple[Taxonomy, Floats, Nodes], leaves: bool, seed: int
) -> tuple[Taxonomy, Nodes, Nodes]:
    tree, values, targets = case
    anything = np.random.default_rng(seed).integers(0, len(tree), len(targets))
    return tree, leaf_answers(tree, values) if leaves else anything, targets


@given(CASES)
def test_node_errors_are_counted_on_every_path(
    case: tuple[tuple[Taxonomy, Floats, Nodes], bool, int],
) -> None:
    tree, answers, targets = answers_to(*case)
    images, missed = (np.zeros(len(tree), dtype=int) for _ in range(2))
    for answer, target in zip(answers.tolist(), targets.tolist(), strict=True):
        told, true = {0, *tree.path_to(answer)}, {0, *tree.path_to(target)}
        for node in true:
            images[node] += 1
            missed[node] += node not in told
    found = node_errors(tree, answers, targets)
    np.testing.assert_array_equal(found.images, images)
    np.testing.assert_array_equal(found.missed, missed)
    known = images > 0
    np.testing.assert_allclose(found.missed_share[known], missed[known] / images[known])
    assert np.isnan(found.missed_share[~known]).all()


@given(CASES, st.integers(1, 5))
def test_leakage_is_the_confusion_matrix_of_merged_classes(
    case: tuple[tuple[Taxonomy, Floats, Nodes], bool, int], depth: int
) -> None:
    tree, answers, targets = answers_to(*case)
    depth = min(depth, tree.depth)
    cut = tree.cut(depth)
    found = leakage(tree, answers, targets, depth)
    lifted, true = tree.ancestor_at(answers, depth), tree.ancestor_at(targets, depth)
    counted, inside = np.isin(true, cut), np.isin(lifted, cut)
    both = counted & inside
    if both.any() and len(cut) > 1:  # scikit-learn warns of a single label
        expected = confusion_matrix(true[both], lifted[both], labels=cut)
        np.testing.assert_array_equal(found.counts, expected)
    np.testing.assert_array_equal(
        found.undecided, (true[counted & ~inside, None] == cut).sum(axis=0)
    )
    assert found.counts.sum() + found.undecided.sum() == counted.sum()
    leaked = (true != lifted)[both].sum() / counted.sum() if counted.any() else np.nan
    np.testing.assert_allclose(found.leaked, leaked)


@given(CASES, st.integers(0, 5))
def test_confused_pairs_are_the_largest_cells_off_the_diagonal(
    case: tuple[tuple[Taxonomy, Floats, Nodes], bool, int], most: int
) -> None:
    tree, answers, targets = answers_to(*case)
    dense = np.zeros((len(tree), len(tree)), dtype=int)
    leaves = set(tree.leaves.tolist())
    for answer, target in zip(answers.tolist(), targets.tolist(), strict=True):
        dense[target, answer] += answer != target and {answer, target} <= leaves
    found = confused_pairs(tree, answers, targets, most)
    expected = sorted(dense[dense > 0].tolist(), reverse=True)[:most]
    assert [pair.images for pair in found] == expected
    assert len({(pair.target, pair.answer) for pair in found}) == len(found)
    for pair in found:
        assert dense[pair.target, pair.answer] == pair.images
        assert pair.share == pytest.approx(pair.images / (targets == pair.target).sum())


def test_no_leaf_by_leaf_table_is_made() -> None:
    tree = Taxonomy.from_paths([f"{group}/{leaf}" for group in range(300) for leaf in range(300)])
    targets, answers = tree.leaves, np.roll(tree.leaves, 1)
    assert len(confused_pairs(tree, answers, targets)) == 20
    assert leakage(tree, answers, targets).leaked == pytest.approx(300 / 90_000)
