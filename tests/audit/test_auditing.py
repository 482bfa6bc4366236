"""The whole audit on sets that leave something out."""

from __future__ import annotations

import numpy as np
import pytest
from audit_cases import family_tree, resembling
from hypothesis import given, settings
from node_probabilities import Floats, Nodes, answered_cases

from labeltree.audit import account_confusion, audit
from labeltree.errors import DataError
from labeltree.taxonomy import Taxonomy


@settings(max_examples=30)
@given(answered_cases())
def test_any_set_can_be_audited(case: tuple[Taxonomy, Floats, Nodes]) -> None:
    tree, values, targets = case
    found = audit(tree, values, targets)
    assert [level.depth for level in found.levels] == list(range(1, tree.depth))
    for level in found.levels:
        account, counts = level.accounting, level.leakage.counts
        np.testing.assert_array_equal(account.images, counts.sum(axis=1))
        np.testing.assert_array_equal(account.between, counts.sum(axis=1) - np.diagonal(counts))
        worst = level.worst_first()
        assert sorted(worst) == np.flatnonzero(account.images).tolist()
        merged = account_confusion(counts, np.arange(len(counts)))
        np.testing.assert_array_equal(merged.between, account.between)
    for i in range(len(found.pairs)):
        a, b = int(found.pairs.a[i]), int(found.pairs.b[i])
        shown = found.pictures(a, b, 100)
        assert len(shown) == found.pairs.images[i]
        assert all({targets[k], found.answers[k]} == {a, b} for k in shown)
        directions = [[k for k in shown if targets[k] == one] for one in (a, b)]
        for one in directions:
            assert (np.diff(found.confidences[one]) <= 0).all()
        both = 2 * min(map(len, directions))  # as long as both have some, they take turns
        assert targets[shown[:both]].tolist() == [a, b] * (both // 2)
    assert all(note.endswith(".") for note in found.notes())


def test_few_pictures_show_both_directions() -> None:
    tree = Taxonomy.from_paths(["girl", "woman"])
    girl, woman = tree.leaves.tolist()
    right = np.array([0.1, 0.2, 0.3, 0.4, 0.45])  # how probable the label is: the answer is wrong
    targets = np.array([girl, girl, girl, girl, woman])
    leaves = np.where(targets[:, None] == tree.leaves, right[:, None], 1 - right[:, None])
    found = audit(tree, tree.roll_up(leaves), targets)
    assert found.pictures(girl, woman, 4) == [0, 4, 1, 2]
    assert found.pictures(woman, girl, 4) == [4, 0, 1, 2]


def test_all_right_one_level_and_a_weak_model_are_said() -> None:
    tree = Taxonomy.from_paths(["a", "b", "c"])
    notes = " ".join(audit(tree, tree.roll_up(np.eye(3)), tree.leaves).notes())
    assert "one level" in notes and "No image" in notes and "other parents" not in notes
    shifted = audit(tree, tree.roll_up(np.eye(3)), np.roll(tree.leaves, 1))
    assert "only 0 %" in shifted.notes()[0]
    two = Taxonomy.from_paths(["a/b", "a/c", "d"])
    (note,) = audit(two, two.roll_up(np.eye(3) * 0.9 + 0.05), np.roll(two.leaves, 0)).notes()[1:]
    assert "other parents" in note


def test_nothing_to_say_of_a_good_set() -> None:
    tree, families = family_tree()
    assert audit(tree, *resembling(tree, families)).notes() == []


def test_nothing_to_audit() -> None:
    tree = Taxonomy.from_paths(["a", "b"])
    with pytest.raises(DataError, match="no images"):
        audit(tree, np.zeros((0, 3)), np.zeros(0, dtype=np.int64))
    with pytest.raises(DataError, match="not finite"):
        audit(tree, np.full((1, 3), np.nan), np.array([1]))
