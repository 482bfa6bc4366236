"""Pairs against a dense count, within and across branches."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from node_probabilities import Floats, Nodes, answered_cases

from labeltree.audit import confused_both_ways
from labeltree.metrics import confused_pairs, leaf_answers
from labeltree.taxonomy import Taxonomy


@given(answered_cases())
def test_pairs_are_the_cells_off_the_diagonal(case: tuple[Taxonomy, Floats, Nodes]) -> None:
    tree, values, targets = case
    answers = leaf_answers(tree, values)
    dense = np.zeros((len(tree), len(tree)), dtype=int)
    np.add.at(dense, (targets, answers), tree.is_leaf[targets] & (targets != answers))
    found = confused_both_ways(tree, answers, targets)
    assert (found.a < found.b).all() and len(set(zip(found.a, found.b, strict=True))) == len(found)
    np.testing.assert_array_equal(found.a_as_b, dense[found.a, found.b])
    np.testing.assert_array_equal(found.b_as_a, dense[found.b, found.a])
    assert found.images.sum() == dense.sum()
    assert (np.diff(found.images) <= 0).all() and (found.images > 0).all()
    of_class = np.bincount(targets, minlength=len(tree))
    np.testing.assert_allclose(found.share, found.images / (of_class[found.a] + of_class[found.b]))
    for i in range(len(found)):
        above, other = (tree.path_to(int(node)) for node in (found.a[i], found.b[i]))
        shared = sum(x == y for x, y in zip(above, other, strict=False))
        assert found.parted_at[i] == shared + 1
        assert found.is_within[i] == (tree.parents[found.a[i]] == tree.parents[found.b[i]])


@given(answered_cases())
def test_both_directions_are_those_of_the_metric(case: tuple[Taxonomy, Floats, Nodes]) -> None:
    tree, values, targets = case
    answers = leaf_answers(tree, values)
    found = confused_both_ways(tree, answers, targets)
    one_way = {(p.target, p.answer): p.images for p in confused_pairs(tree, answers, targets, 999)}
    counted = {}
    for a, b, forth, back in zip(found.a, found.b, found.a_as_b, found.b_as_a, strict=True):
        counted |= {(int(a), int(b)): int(forth), (int(b), int(a)): int(back)}
    assert {pair: n for pair, n in counted.items() if n} == one_way


def test_no_mistakes_no_pairs() -> None:
    tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    assert len(confused_both_ways(tree, tree.leaves, tree.leaves)) == 0
    dog = np.array([tree.find("dog")])
    assert len(confused_both_ways(tree, np.array([tree.find("cat")]), dog)) == 0


def test_a_hundred_thousand_classes() -> None:
    tree = Taxonomy.from_paths([f"{group}/{leaf}" for group in range(400) for leaf in range(250)])
    found = confused_both_ways(tree, np.roll(tree.leaves, 1), tree.leaves)
    assert len(found) == 100_000
    assert found.is_within.mean() == pytest.approx(249 / 250)
