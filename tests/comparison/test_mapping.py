import numpy as np
import pytest
from compared_runs import PETS, leaf_probabilities
from hypothesis import given
from hypothesis import strategies as st
from strategies import taxonomies

from labeltree.comparison.mapping import Mapping, in_order_of
from labeltree.errors import TaxonomyError
from labeltree.reports.run.predictions import Predictions
from labeltree.taxonomy import Taxonomy

KINDS = Taxonomy.from_paths(["a cat", "a dog"])
TO_KINDS = Mapping(PETS, KINDS, np.array([1, 2, 2]))


@st.composite
def mappings(draw: st.DrawFn) -> Mapping:
    """Any two trees whose leaves are mapped so that each of the goal's is met."""
    source = draw(taxonomies())
    goal = draw(taxonomies(max_leaves=source.num_leaves))
    places = [*range(goal.num_leaves)]
    places += draw(
        st.lists(
            st.sampled_from(places),
            min_size=source.num_leaves - goal.num_leaves,
            max_size=source.num_leaves - goal.num_leaves,
        )
    )
    return Mapping(source, goal, goal.leaves[draw(st.permutations(places))])


def random_probabilities(tree: Taxonomy, seed: int, images: int = 5) -> np.ndarray:
    values = np.random.default_rng(seed).dirichlet(np.ones(tree.num_leaves), images)
    return tree.roll_up(values.astype(np.float32))


def test_probabilities_of_merged_classes_are_summed() -> None:
    # A cat is the most probable leaf with 0.4, but dogs have 0.6 together.
    values = PETS.roll_up(np.array([[0.4, 0.35, 0.25]], dtype=np.float32))
    found = Predictions.of(PETS, np.array([3]), values)
    assert found.answers.tolist() == [1]
    mapped = TO_KINDS.predictions(found, values)
    assert mapped.answers.tolist() == [2] and mapped.targets.tolist() == [2]
    assert mapped.confidences == pytest.approx([0.6]) and mapped.truths == pytest.approx([0.6])


def test_without_probabilities_each_answer_is_mapped() -> None:
    found = Predictions(PETS, np.array([3, 1]), np.array([1, 4]), np.array([0.4, 0.9]))
    mapped = TO_KINDS.predictions(found, None)
    assert mapped.answers.tolist() == [1, 2] and mapped.targets.tolist() == [2, 1]
    assert mapped.confidences.tolist() == [0.4, 0.9] and mapped.truths is None


def test_top5_is_of_the_merged_classes() -> None:
    six = Taxonomy.from_paths(list("abcdef"))
    seven = Taxonomy.from_paths([*"abcdef", "g"])
    mapping = Mapping(seven, six, np.array([1, 2, 3, 4, 5, 6, 6]))
    leaves = np.array([[0.2, 0.2, 0.2, 0.15, 0.14, 0.055, 0.055]], dtype=np.float32)
    values, target = seven.roll_up(leaves), np.array([seven.find("f")])
    found = mapping.predictions(Predictions.of(seven, target, values), values)
    assert mapping.top5(found, values) == 0.0  # f and g: 0.11, the sixth
    leaves[0, 5] += 0.04
    values = seven.roll_up(leaves)
    assert mapping.top5(found, values) == 1.0


def test_an_inner_label_becomes_the_branch_of_its_classes() -> None:
    tree = Taxonomy.from_paths(["animal/hound/x", "animal/hound/y", "animal/tabby"])
    mapping = Mapping(PETS, tree, tree.leaves[[0, 1, 2]])
    assert tree.paths[mapping.leaves[0]] == "animal/tabby"  # leaves are in breadth-first order
    assert mapping.targets(np.array([PETS.find("dog")])).tolist() == [tree.find("animal/hound")]
    assert mapping.targets(np.array([0])).tolist() == [tree.find("animal")]


def test_an_inner_label_whose_classes_are_no_branch_is_refused() -> None:
    goal = Taxonomy.from_paths(["x/beagle", "x/cat", "y/pug"])
    mapping = Mapping(PETS, goal, np.array([4, 3, 5]))
    with pytest.raises(TaxonomyError, match=r"2 test images are labelled 'dog'.*--apart"):
        mapping.targets(np.array([1, 2, 2]))


@given(mappings(), st.integers(0, 9))
def test_the_sum_of_probabilities_is_kept(mapping: Mapping, seed: int) -> None:
    values = random_probabilities(mapping.source, seed)
    mapped = mapping.probabilities(values)
    assert mapped.shape == (len(values), mapping.goal.num_nodes)
    np.testing.assert_allclose(mapped[:, mapping.goal.leaves].sum(axis=1), 1, atol=1e-5)
    one_by_one = np.zeros_like(mapped)
    for leaf, to in zip(mapping.source.leaves, mapping.leaves, strict=True):
        one_by_one[:, to] += values[:, leaf]
    leaves = mapping.goal.leaves
    np.testing.assert_allclose(mapped[:, leaves], one_by_one[:, leaves], atol=1e-6)


@given(mappings())
def test_a_node_becomes_one_with_the_same_leaves(mapping: Mapping) -> None:
    source, goal = mapping.source, mapping.goal
    for node, to in enumerate(mapping.nodes.tolist()):
        below = source.is_at_or_below(source.leaves, np.array(node))
        become = set(mapping.leaves[below].tolist())
        branches = [
            set(goal.leaves[goal.is_at_or_below(goal.leaves, np.array(other))].tolist())
            for other in range(goal.num_nodes)
        ]
        if to < 0:
            assert become not in branches
        else:
            assert become == branches[to]


@given(taxonomies(), st.integers(0, 9))
def test_the_same_labels_change_nothing(tree: Taxonomy, seed: int) -> None:
    values = random_probabilities(tree, seed)
    targets = np.random.default_rng(seed).choice(tree.leaves, len(values))
    found = Predictions.of(tree, targets, values)
    mapped = Mapping(tree, tree, tree.leaves).predictions(found, values)
    for name in ("targets", "answers", "confidences", "truths", "wrong"):
        np.testing.assert_array_equal(getattr(mapped, name), getattr(found, name))


@given(taxonomies(), st.randoms(use_true_random=False))
def test_another_order_of_the_same_paths_changes_no_path(tree: Taxonomy, random: object) -> None:
    paths = [tree.paths[leaf] for leaf in tree.leaves]
    random.shuffle(paths)  # type: ignore[attr-defined]
    other = Taxonomy.from_paths(paths)
    nodes = np.arange(tree.num_nodes)
    found = in_order_of(Predictions(tree, nodes, nodes, np.ones(len(nodes))), other)
    assert [other.paths[node] for node in found.targets] == list(tree.paths)
    assert found.answers.tolist() == found.targets.tolist()


def test_thousands_of_classes_are_mapped_in_linear_memory() -> None:
    paths = [f"{a}/{b}/{c}" for a in range(20) for b in range(20) for c in range(25)]
    source = Taxonomy.from_paths(paths)
    goal = Taxonomy.from_paths([f"{a}/{b}" for a in range(20) for b in range(20)])
    to = [goal.find(source.paths[leaf].rpartition("/")[0]) for leaf in source.leaves]
    mapping = Mapping(source, goal, np.array(to))
    assert source.num_leaves == 10_000
    assert mapping.nodes[source.find("3/7")] == goal.find("3/7")
    assert mapping.nodes[source.find("3")] == goal.find("3")
    values = leaf_probabilities(source, source.leaves[:3], 0.5)
    assert mapping.probabilities(values)[0, goal.find("0/0")] > 0.5
