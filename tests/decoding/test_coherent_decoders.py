"""Roll-up, adaptation, HiE and CRM: what all promise, and each against its definition."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from node_probabilities import Floats, coherent, incoherence, levelwise, levelwise_cases
from strategies import taxonomies

from labeltree.decoding import COHERENT, adapt, crm, crm_answers, hie, rolled_up
from labeltree.decoding.blocks import THREADS_FROM_BYTES
from labeltree.metrics import average_hierarchical_distance, inconsistency
from labeltree.taxonomy import Probabilities, Taxonomy

Decoder = Callable[[Taxonomy, Probabilities], Probabilities]
ANIMALS = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
PETS = Taxonomy.from_paths(["cat/manx", "cat/persian", "dog/beagle", "dog/pug"])


def expected_costs(tree: Taxonomy, leaf_values: Floats) -> Floats:
    """The risk of each leaf from the cost of every pair: `(n, num_leaves)`."""
    meet = tree.lowest_common_ancestor(tree.leaves[:, None], tree.leaves[None])
    costs: Floats = leaf_values @ tree.heights[meet]
    return costs


@pytest.mark.parametrize("decode", COHERENT.values(), ids=COHERENT)
@given(st.booleans().flatmap(levelwise_cases))
def test_all_are_coherent_and_leave_the_input_alone(
    decode: Decoder, case: tuple[Taxonomy, Floats]
) -> None:
    tree, values = case
    before = values.copy()
    decoded = decode(tree, values)
    np.testing.assert_array_equal(values, before)
    assert decoded.shape == values.shape
    assert incoherence(tree, decoded) < 1e-6
    assert (decoded >= 0).all()
    single = np.concatenate([decode(tree, row[None]) for row in values])
    np.testing.assert_allclose(decoded, single, atol=1e-9)


@pytest.mark.parametrize("decode", COHERENT.values(), ids=COHERENT)
def test_float32_stays_float32(decode: Decoder) -> None:
    assert decode(PETS, levelwise(PETS, 2, seed=0).astype(np.float32)).dtype == np.float32


@given(taxonomies(), st.integers(0, 999))
def test_what_agrees_is_kept_by_roll_up_and_adaptation(tree: Taxonomy, seed: int) -> None:
    values = coherent(tree, 3, seed)
    for decode in (rolled_up, adapt):
        np.testing.assert_allclose(decode(tree, values), values, atol=1e-9)


@given(st.booleans().flatmap(levelwise_cases))
def test_crm_takes_the_least_expected_cost(case: tuple[Taxonomy, Floats]) -> None:
    tree, values = case
    costs = expected_costs(tree, values[:, tree.leaves])
    chosen = tree.leaf_index[crm_answers(tree, values)]
    assert (chosen >= 0).all()
    np.testing.assert_allclose(
        costs[np.arange(len(costs)), chosen], costs.min(axis=1), atol=1e-9 * tree.depth
    )


def test_crm_without_depth_is_argmax() -> None:
    tree = Taxonomy.from_paths(["a", "b", "c", "d"])
    values = levelwise(tree, 50, seed=0)
    np.testing.assert_array_equal(crm_answers(tree, values), 1 + values[:, 1:].argmax(axis=1))


def test_crm_on_a_tie_takes_the_more_probable_leaf_then_the_first() -> None:
    # R(manx) = R(persian) = 0.5 + 2 · 0 in both rows.
    values = PETS.roll_up(np.array([[0.5, 0.5, 0.0, 0.0], [0.0, 0.0, 0.5, 0.5]]))
    assert crm_answers(PETS, values).tolist() == [3, 5]
    # One step up costs as much as the chance that is left, so a cat and a beagle are as good.
    tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    even = tree.roll_up(np.array([[0.5, 0.25, 0.25], [0.4, 0.4, 0.2]]))
    costs = expected_costs(tree, even[:, tree.leaves])
    np.testing.assert_allclose(costs, [[1.0, 1.25, 1.25], [1.2, 1.0, 1.2]])
    assert [tree.paths[node] for node in crm_answers(tree, even)] == ["cat", "dog/beagle"]


def test_crm_lowers_the_distance_that_it_expects() -> None:
    rng = np.random.default_rng(0)
    tree = Taxonomy.from_paths([f"{a}/{b}/{c}" for a in range(4) for b in range(4) for c in "abcd"])
    leaves = rng.dirichlet(np.full(tree.num_leaves, 0.3), 4000)
    targets = tree.leaves[(leaves.cumsum(axis=1) < rng.random((4000, 1))).sum(axis=1)]
    values = tree.roll_up(leaves)
    usual, milder = (
        average_hierarchical_distance(tree, each, targets) for each in (values, crm(tree, values))
    )
    assert milder < usual - 0.03
    assert inconsistency(tree, crm(tree, values), targets) == 0


def test_crm_in_blocks_and_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    tree = Taxonomy.from_paths([f"{a}/{b}" for a in range(40) for b in range(50)])
    values = levelwise(tree, 2500, seed=1)
    assert values.nbytes > THREADS_FROM_BYTES
    answers = []
    for threads in ("1", "3"):
        monkeypatch.setenv("OMP_NUM_THREADS", threads)
        answers.append(crm_answers(tree, values))
    np.testing.assert_array_equal(*answers)
    costs = expected_costs(tree, values[-50:, tree.leaves])
    chosen = tree.leaf_index[answers[0][-50:]]
    np.testing.assert_allclose(costs[np.arange(50), chosen], costs.min(axis=1))


@given(st.booleans().flatmap(levelwise_cases))
def test_hie_multiplies_by_what_the_cut_above_says(case: tuple[Taxonomy, Floats]) -> None:
    tree, values = case
    for row, decoded in zip(values, hie(tree, values), strict=True):
        cut = tree.cut(tree.depth - 1).tolist()  # the coarse classifier's labels
        products = []
        for leaf in tree.leaves.tolist():
            (label,) = {leaf, int(tree.parents[leaf])}.intersection(cut) - ({leaf} - set(cut))
            products.append(row[leaf] * row[label])
        if sum(products) > 0:
            np.testing.assert_allclose(
                decoded[tree.leaves], np.array(products) / sum(products), atol=1e-9
            )


def test_hie_by_hand() -> None:
    values = np.array([[1, 0.9, 0.1, 0.2, 0.1, 0.7, 0.0], [1, 0.0, 1.0, 0.5, 0.5, 0.0, 0.0]])
    products = [0.18, 0.09, 0.07, 0]
    expected = PETS.roll_up(np.array([np.array(products) / 0.34, [0.5, 0.5, 0, 0]]))
    np.testing.assert_allclose(hie(PETS, values), expected)
    flat = np.array([[1, 0.25, 0.75]])
    np.testing.assert_allclose(hie(Taxonomy.from_paths(["a", "b"]), flat), flat)
    unequal = np.array([[1, 0.5, 0.5, 0.25, 0.25]])
    np.testing.assert_allclose(hie(ANIMALS, unequal), [[1, 0.5, 0.5, 0.25, 0.25]])
