"""Groups of leaves that cut across the tree, against sets of paths."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import taxonomies

from labeltree.data.group_scope import groups_as_labels, lies_in, one_group
from labeltree.errors import DataError
from labeltree.taxonomy import Taxonomy

ANIMALS = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"], level_names=("kind", "breed"))
FACES = {"flat": ("cat", "dog/pug"), "long": ("dog/beagle",)}


def draw_groups(data: st.DataObject, tree: Taxonomy) -> dict[str, tuple[str, ...]]:
    """A partition of the leaves into groups named `group 1`, `group 2`, …"""
    places = data.draw(
        st.lists(st.integers(1, 4), min_size=tree.num_leaves, max_size=tree.num_leaves)
    )
    groups: dict[str, tuple[str, ...]] = {}
    for leaf, place in zip(tree.leaves, places, strict=True):
        groups[f"group {place}"] = (*groups.get(f"group {place}", ()), tree.paths[leaf])
    return groups


def test_groups_become_the_labels() -> None:
    tree, numbers = groups_as_labels(ANIMALS, FACES)
    assert (tree.paths, tree.level_names) == (("", "flat", "long"), ("group",))
    assert numbers.tolist() == [0, 1, 0, 2, 1]  # a dog may have either face


def test_one_group_keeps_its_place_in_the_tree() -> None:
    tree, numbers = one_group(ANIMALS, FACES, "flat")
    assert (tree.paths, tree.level_names) == (("", "cat", "dog", "dog/pug"), ("kind", "breed"))
    assert numbers.tolist() == [-1, 1, -1, -1, 3]  # what is only known as a dog is not its own
    tree, numbers = one_group(
        ANIMALS, {"dogs": ("dog/pug", "dog/beagle"), "cats": ("cat",)}, "dogs"
    )
    assert tree.paths == ("", "dog", "dog/beagle", "dog/pug")
    assert numbers.tolist() == [-1, -1, 1, 2, 3]  # what is only known as a dog is


def test_the_classes_are_looked_up_once_however_many_groups_are_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tree = Taxonomy.from_paths([f"kind {n // 3}/class {n}" for n in range(30)])
    groups = {
        f"group {n}": tuple(tree.paths[leaf] for leaf in tree.leaves[n::10]) for n in range(10)
    }
    looked_up = []
    find = Taxonomy.find
    monkeypatch.setattr(
        Taxonomy, "find", lambda self, path: looked_up.append(path) or find(self, path)
    )
    for group in groups:
        one_group(tree, dict(groups), group)
    groups_as_labels(tree, groups)
    assert len(looked_up) == 30
    with pytest.raises(ValueError, match="read-only"):
        lies_in(tree, groups)[0] = 1


def test_a_group_of_one_class_has_one_leaf() -> None:
    tree, numbers = one_group(ANIMALS, FACES, "long")
    assert tree.paths == ("", "dog", "dog/beagle")
    assert numbers.tolist() == [-1, -1, -1, 2, -1]


@given(taxonomies(), st.data())
def test_a_node_lies_in_the_group_of_all_leaves_below_it(
    tree: Taxonomy, data: st.DataObject
) -> None:
    groups = draw_groups(data, tree)
    found = lies_in(tree, groups)
    for node, place in enumerate(found):
        leaves = {tree.paths[leaf] for leaf in tree.leaves if tree.is_at_or_below(leaf, node)}
        around = [number for number, paths in enumerate(groups.values()) if leaves <= {*paths}]
        assert around == [place] if place >= 0 else not around


@given(taxonomies(), st.data())
def test_every_leaf_is_in_one_group_s_part(tree: Taxonomy, data: st.DataObject) -> None:
    groups = draw_groups(data, tree)
    times = np.zeros(tree.num_nodes, dtype=int)
    for group, paths in groups.items():
        part, numbers = one_group(tree, groups, group)
        assert {part.paths[leaf] for leaf in part.leaves} == {*paths}
        own = np.flatnonzero(numbers >= 0)
        assert [part.paths[number] for number in numbers[own]] == [tree.paths[node] for node in own]
        times[own] += 1
    assert (times[tree.leaves] == 1).all()
    assert times[0] == 0
    assert times.max() == 1


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        (
            {"a": ["cat", "dog/begle"], "b": ["dog/pug", "fish"]},
            r"groups: no such classes in .*: 'dog/begle' \(did you mean 'dog/beagle'\?\), 'fish'$",
        ),
        ({"a": ["cat"], "b": ["dog"]}, r"no such class in .*: 'dog' \(has classes below it\)$"),
        ({"a": ["cat", "dog/pug"]}, "groups: 1 class is in no group: 'dog/beagle'; every class"),
        (
            {"a": ["cat", "dog/pug"], "b": ["dog/pug", "dog/beagle", "cat"]},
            r"twice: 'dog/pug' \(group 'a', group 'b'\), 'cat' \(group 'a', group 'b'\)$",
        ),
        (
            {"a": ["cat", "cat"], "b": ["dog/pug", "dog/beagle"]},
            r"groups: a class belongs to one group; named twice: 'cat' \(group 'a', group 'a'\)$",
        ),
    ],
)
def test_groups_that_do_not_hold_each_class_once(groups: dict[str, list[str]], words: str) -> None:
    with pytest.raises(DataError, match=words) as caught:
        lies_in(ANIMALS, groups)
    assert "\n" not in str(caught.value)


def test_of_many_classes_five_are_named() -> None:
    tree = Taxonomy.from_paths([f"class {number}" for number in range(2000)])
    with pytest.raises(DataError, match="'class 5', … and 1,994 more; every class of Taxonomy"):
        lies_in(tree, {"a": ["class 0"]})
