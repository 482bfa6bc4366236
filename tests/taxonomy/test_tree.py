"""The tree: facts by hand, and brute-force walks over paths as oracles on random trees."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import taxonomies

from labeltree.errors import TaxonomyError
from labeltree.taxonomy import Taxonomy


def ancestors(path: str) -> list[str]:
    """All paths from the root down to `path`, itself included."""
    parts = path.split("/") if path else []
    return ["/".join(parts[:end]) for end in range(len(parts) + 1)]


@pytest.fixture
def animals() -> Taxonomy:
    return Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])


def test_facts_of_five_nodes(animals: Taxonomy) -> None:
    assert animals.paths == ("", "cat", "dog", "dog/beagle", "dog/pug")
    assert animals.names == ("", "cat", "dog", "beagle", "pug")
    assert animals.parents.tolist() == [-1, 0, 0, 2, 2]
    assert animals.depths.tolist() == [0, 1, 1, 2, 2]
    assert animals.num_children.tolist() == [2, 0, 2, 0, 0]
    assert animals.leaves.tolist() == [1, 3, 4]
    assert animals.leaf_index.tolist() == [-1, 0, -1, 1, 2]
    assert animals.leaf_counts.tolist() == [3, 1, 2, 1, 1]
    assert (animals.num_nodes, len(animals), animals.num_leaves, animals.depth) == (5, 5, 3, 2)
    assert animals.level_names == ("level 1", "level 2")
    assert animals.level(0) == slice(0, 1)
    assert animals.level(2) == slice(3, 5)
    assert [animals.cut(depth).tolist() for depth in range(3)] == [[0], [1, 2], [1, 3, 4]]
    assert animals.children(2) == slice(3, 5)
    assert animals.path_to(4) == [2, 4]
    assert animals.path_to(0) == []
    assert animals.find("") == 0
    assert animals.find("dog/pug") == 4
    assert "dog/pug" in animals
    assert "pug" not in animals
    assert 4 not in animals
    assert repr(animals) == "Taxonomy(5 nodes, 3 leaves, 2 levels)"


def test_distances_by_hand(animals: Taxonomy) -> None:
    nodes = np.arange(5)
    assert animals.distance(nodes[:, None], nodes[None, :]).tolist() == [
        [0, 1, 1, 2, 2],
        [1, 0, 2, 3, 3],
        [1, 2, 0, 1, 1],
        [2, 3, 1, 0, 2],
        [2, 3, 1, 2, 0],
    ]
    assert animals.lowest_common_ancestor(np.array([3, 3, 3]), np.array([4, 2, 1])).tolist() == [
        *(2, 2, 0)
    ]


@given(taxonomies())
def test_numbering_is_breadth_first(tree: Taxonomy) -> None:
    assert tree.paths[0] == ""
    assert (np.diff(tree.depths) >= 0).all()
    assert (np.diff(tree.parents) >= 0).all()
    for node in range(1, tree.num_nodes):
        parent = int(tree.parents[node])
        assert ancestors(tree.paths[node])[-2] == tree.paths[parent]
        assert node in range(*tree.children(parent).indices(tree.num_nodes))
        assert tree.find(tree.paths[node]) == node
        assert [tree.paths[step] for step in tree.path_to(node)] == ancestors(tree.paths[node])[1:]


@given(taxonomies())
def test_levels_and_cuts(tree: Taxonomy) -> None:
    for depth in range(tree.depth + 1):
        level = range(*tree.level(depth).indices(tree.num_nodes))
        assert list(level) == [node for node in range(len(tree)) if tree.depths[node] == depth]
        cut = set(tree.cut(depth).tolist())
        for leaf in tree.leaves:  # exactly one label of the cut at or above every leaf
            above = {tree.find(path) for path in ancestors(tree.paths[leaf])}
            assert len(above & cut) == 1
        for node in tree.inner(depth):
            assert tree.num_children[node] > 0
    assert np.array_equal(tree.cut(tree.depth), tree.leaves)


@given(taxonomies(max_leaves=8))
def test_relations_of_two_nodes_against_paths(tree: Taxonomy) -> None:
    pairs = np.array(list(product(range(len(tree)), repeat=2)))
    a, b = pairs.T
    above = [set(ancestors(path)) for path in tree.paths]
    meet = [max(above[x] & above[y], key=lambda p: len(ancestors(p))) for x, y in pairs]
    meet_nodes = np.array([tree.find(path) for path in meet])
    assert np.array_equal(tree.lowest_common_ancestor(a, b), meet_nodes)
    steps = [len(above[x] ^ above[y]) for x, y in pairs]
    assert tree.distance(a, b).tolist() == steps
    assert tree.is_at_or_below(a, b).tolist() == [tree.paths[y] in above[x] for x, y in pairs]
    for depth in range(tree.depth + 1):
        expected = [tree.find(ancestors(path)[: depth + 1][-1]) for path in tree.paths]
        assert tree.ancestor_at(np.arange(len(tree)), depth).tolist() == expected


@given(taxonomies())
def test_leaf_counts(tree: Taxonomy) -> None:
    leaves = [ancestors(tree.paths[leaf]) for leaf in tree.leaves]
    assert tree.leaf_counts.tolist() == [sum(path in up for up in leaves) for path in tree.paths]


@given(taxonomies(), st.randoms())
def test_from_paths_in_any_order_has_the_same_labels(tree: Taxonomy, random) -> None:
    paths = list(tree.paths[1:])
    random.shuffle(paths)
    assert set(Taxonomy.from_paths(paths).paths) == set(tree.paths)
    assert Taxonomy.from_paths(tree.paths[1:]) == tree
    assert hash(Taxonomy.from_paths(tree.paths[1:])) == hash(tree)
    assert Taxonomy(tree.names, tree.parents) == tree


def test_siblings_stay_in_order_of_mention() -> None:
    tree = Taxonomy.from_paths([("b", "z"), ("a",), ("b", "y"), ("a", "x")])
    assert tree.paths == ("", "b", "a", "b/z", "b/y", "a/x")


def test_composed_and_decomposed_accents_are_one_label() -> None:
    tree = Taxonomy.from_paths(["été/juin", "e\u0301te\u0301/aou\u0302t"])
    assert tree.paths == ("", "été", "été/juin", "été/août")
    assert tree.find("e\u0301te\u0301/juin") == 2
    assert "e\u0301te\u0301" in tree
    assert Taxonomy(["", "e\u0301"], [-1, 0]).names == ("", "é")


def test_level_names() -> None:
    tree = Taxonomy.from_paths(["dog/pug"], level_names=["genus", "breed"])
    assert tree.level_names == ("genus", "breed")
    assert tree != Taxonomy.from_paths(["dog/pug"])
    with pytest.raises(TaxonomyError, match="1 level names for a tree of depth 2"):
        Taxonomy.from_paths(["dog/pug"], level_names=["genus"])


@pytest.mark.parametrize(
    ("names", "parents", "message"),
    [
        ([""], [-1], "at least one label"),
        (["", "a", "b"], [-1, 2, 0], "a parent must come first"),
        (["", "a", "b"], [-1, 0, 2], "a parent must come first"),
        (["", "a", "b", "c"], [-1, 0, 1, 0], "siblings must stand together"),
        (["", "a/b"], [-1, 0], "'a/b' holds '/'"),
        (["", ""], [-1, 0], "a label has no name"),
        (["", "a", "a"], [-1, 0, 0], "'a' stands twice"),
        (["", "é", "e\u0301"], [-1, 0, 0], "'é' stands twice"),
        (["", "\udcff"], [-1, 0], "not valid Unicode"),
        (["", "a"], [0, 0], "a parent must come first"),
    ],
)
def test_what_is_no_tree_is_refused(names: list[str], parents: list[int], message: str) -> None:
    with pytest.raises(TaxonomyError, match=message):
        Taxonomy(names, parents)


def test_no_paths() -> None:
    with pytest.raises(TaxonomyError, match="at least one label"):
        Taxonomy.from_paths([])
    with pytest.raises(TaxonomyError, match="has no name"):
        Taxonomy.from_paths(["dog//pug"])


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ("dog/beegle", "did you mean 'dog/beagle'"),
        ("beagle", "did you mean 'dog/beagle'"),
        ("Dog", "did you mean 'dog'"),
        ("dog/PUG", "did you mean 'dog/pug'"),
        ("fish", "not in the taxonomy$"),
        ("dog/pug/puppy", "not in the taxonomy$"),
    ],
)
def test_unknown_label_names_the_nearest(animals: Taxonomy, wrong: str, hint: str) -> None:
    with pytest.raises(TaxonomyError, match=hint):
        animals.find(wrong)


@given(taxonomies(), st.text())
def test_finding_any_text_answers_or_says_why(tree: Taxonomy, text: str) -> None:
    if text in tree:
        tree.find(text)
    else:
        with pytest.raises(TaxonomyError):
            tree.find(text)
