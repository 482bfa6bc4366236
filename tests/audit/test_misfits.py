"""A class put under a wrong parent on purpose is found, and it alone."""

from __future__ import annotations

import numpy as np
import pytest
from audit_cases import confident, family_tree, resembling
from hypothesis import given, settings
from hypothesis import strategies as st
from node_probabilities import Floats, Nodes, answered_cases

from labeltree.audit import misfits
from labeltree.taxonomy import Taxonomy


@pytest.mark.parametrize("seed", range(5))
def test_a_misplaced_class_is_found_and_it_alone(seed: int) -> None:
    tree, families = family_tree(f0c1="f2")
    values, targets = resembling(tree, families, seed=seed)
    found = misfits(tree, values, targets)
    assert found.judged == 20
    (one,) = found.found
    assert tree.paths[one.leaf] == "f2/f0c1"
    assert tree.paths[one.better_parent] == "f0"
    assert one.other_affinity > 2 * one.own_affinity
    assert one.p_value <= one.p_corrected < 0.001
    assert one.images == 40
    assert (targets[list(one.pictures)] == one.leaf).all()
    leaning = values[targets == one.leaf, one.better_parent]
    assert values[one.pictures[0], one.better_parent] == leaning.max()


@pytest.mark.parametrize("seed", range(5))
def test_where_all_is_right_nothing_is_found(seed: int) -> None:
    tree, families = family_tree()
    assert misfits(tree, *resembling(tree, families, seed=seed)).found == []


@pytest.mark.parametrize("seed", range(3))
def test_a_confident_network_in_single_precision(seed: int) -> None:
    """Siblings far below the rounding errors of a parent minus a sure class: nothing is wrong."""
    tree, families = family_tree()
    values, targets = confident(tree, families, seed=seed)
    assert values.dtype == np.float32
    parents = values[np.arange(len(targets)), tree.parents[targets]]
    noise = np.abs(parents - values[np.arange(len(targets)), targets])
    assert (noise == 0).mean() > 0.3  # what subtraction would make of ten times the others' 1e-9
    assert misfits(tree, values, targets) == ([], 20)


def test_a_misplaced_class_of_a_confident_network() -> None:
    tree, families = family_tree(f0c1="f2")
    (one,) = misfits(tree, *confident(tree, families)).found
    assert (tree.paths[one.leaf], tree.paths[one.better_parent]) == ("f2/f0c1", "f0")


def test_large_branches_do_not_win_by_their_size() -> None:
    paths = [*(f"small/s{c}" for c in range(3)), *(f"large/l{c}" for c in range(40))]
    tree = Taxonomy.from_paths(paths)
    families = {path.split("/")[1]: path.split("/")[0] for path in paths}
    values, targets = resembling(tree, families)
    large = values[:, tree.find("large")]
    assert np.median(large[targets == tree.find("small/s0")]) > 0.25  # all of it together is likely
    assert misfits(tree, values, targets).found == []


def test_a_twin_elsewhere_is_no_reason_to_move() -> None:
    tree, families = family_tree()
    values, targets = resembling(tree, families, twins=("f0c0", "f1c0"))
    twin = values[targets == tree.find("f0/f0c0"), tree.find("f1/f1c0")]
    assert np.median(twin) > 0.2
    assert misfits(tree, values, targets).found == []


def test_two_misplaced_together_are_both_found() -> None:
    tree, families = family_tree(f0c1="f2", f0c2="f2")
    found = misfits(tree, *resembling(tree, families, per_class=80)).found
    assert {tree.paths[one.leaf] for one in found} == {"f2/f0c1", "f2/f0c2"}
    assert {tree.paths[one.better_parent] for one in found} == {"f0"}


def test_images_known_only_to_a_branch_change_nothing() -> None:
    tree, families = family_tree(f0c1="f2")
    values, targets = resembling(tree, families)
    more = np.concatenate([values, values[:50]])
    broad = np.concatenate([targets, tree.ancestor_at(targets[:50], 1)])
    assert misfits(tree, more, broad) == misfits(tree, values, targets)


def test_only_children_are_not_judged_and_attract_nobody() -> None:
    """`f1c0` alone under `f9` has no siblings; the others of `f1` are at home."""
    tree, families = family_tree(f1c0="f9")
    values, targets = resembling(tree, families)
    found = misfits(tree, values, targets)
    assert (found.found, found.judged) == ([], 19)


def test_unequal_depth_and_other_depths() -> None:
    """Parents are compared with parents of their depth; classes below the root have no other."""
    families = {f"{f}{c}": f for f in "abc" for c in range(4)} | {"lone": "lone", "d0": "a"}
    places = {"a": "x/a", "b": "x/b", "c": "y/c"}
    paths = [f"{places[family]}/{name}" for name, family in families.items() if family in places]
    tree = Taxonomy.from_paths([*(p for p in paths if not p.endswith("d0")), "y/c/d0", "lone"])
    found = misfits(tree, *resembling(tree, families))
    assert found.judged == 13  # all but `lone`
    (one,) = found.found
    assert (tree.paths[one.leaf], tree.paths[one.better_parent]) == ("y/c/d0", "x/a")


@pytest.mark.parametrize("paths", [["a", "b", "c"], ["a/b", "a/c"], ["a/b"], ["a/b", "c/d"]])
def test_trees_without_another_parent(paths: list[str]) -> None:
    tree = Taxonomy.from_paths(paths)
    families = {tree.names[leaf]: "one" for leaf in tree.leaves}
    assert misfits(tree, *resembling(tree, families)) == ([], 0)


def test_few_images_are_not_judged() -> None:
    tree, families = family_tree(f0c1="f2")
    values, targets = resembling(tree, families, per_class=9)
    assert misfits(tree, values, targets) == ([], 0)
    assert misfits(tree, values, targets, fewest_images=9).judged == 20


def test_classes_whose_siblings_have_no_images_are_not_judged() -> None:
    tree, families = family_tree(groups=2, size=2)
    values, targets = resembling(tree, families)
    kept = targets != tree.find("f0/f0c1")
    assert misfits(tree, values[kept], targets[kept]).judged == 1  # f1's twin-free images are none


@settings(max_examples=30)
@given(answered_cases(), st.integers(1, 3))
def test_any_tree_and_any_probabilities(case: tuple[Taxonomy, Floats, Nodes], fewest: int) -> None:
    tree, values, targets = case
    found = misfits(tree, values, targets, fewest_images=fewest, level=1.0)
    assert len(found.found) == found.judged <= tree.num_leaves
    for one in found.found:
        own = int(tree.parents[one.leaf])
        assert own > 0 and one.better_parent != own
        assert tree.depths[one.better_parent] == tree.depths[own]
        assert 0 <= one.p_value <= one.p_corrected <= 1
        siblings = tree.leaves[tree.is_at_or_below(tree.leaves, own)]
        siblings = siblings[siblings != one.leaf]
        out = values[targets == one.leaf][:, siblings].mean()
        back = values[np.isin(targets, siblings), one.leaf].mean()
        assert one.own_affinity == pytest.approx((out + back) / 2)


@settings(max_examples=30)
@given(answered_cases())
def test_other_parents_are_judged_as_one_by_one(case: tuple[Taxonomy, Floats, Nodes]) -> None:
    """The same affinity by going through all images for each class and parent."""
    tree, values, targets = case
    for one in misfits(tree, values, targets, fewest_images=1, level=1.0).found:
        best = 0.0
        own = values[targets == one.leaf]
        for parent in range(*tree.level(int(tree.depths[one.leaf]) - 1).indices(tree.num_nodes)):
            below = tree.leaves[tree.is_at_or_below(tree.leaves, parent)]
            if parent == tree.parents[one.leaf] or len(below) < 2:
                continue
            means = own[:, below].mean(axis=0)
            near = np.flatnonzero(np.isclose(means, means.max(), rtol=1e-9, atol=0))[-1]
            rest = np.delete(below, near)
            if np.isin(targets, rest).any():
                back = values[np.isin(targets, rest), one.leaf].mean()
                best = max(best, (own[:, rest].mean() + back) / 2)
        assert one.other_affinity == pytest.approx(best)
