"""Adaptation against Algorithm 1 as printed, against a walk over nodes, and by its properties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from node_probabilities import Floats, coherent, incoherence, levelwise, levelwise_cases
from strategies import taxonomies, two_level_taxonomies

from labeltree.decoding import adapt
from labeltree.decoding.blocks import BLOCK_BYTES, THREADS_FROM_BYTES
from labeltree.errors import ConfigError
from labeltree.taxonomy import Taxonomy

ALPHAS = st.floats(0, 2)
PETS = Taxonomy.from_paths(["cat/manx", "cat/persian", "dog/beagle", "dog/pug"])


def algorithm_1(p_coarse: Floats, p_fine: Floats, fine_coarse: list[int], alpha: float) -> Floats:
    """The paper's listing, line by line, for one image."""
    coarse, fine = range(len(p_coarse)), range(len(p_fine))
    q_coarse = [sum(p_fine[j] for j in fine if fine_coarse[j] == i) for i in coarse]
    adjusted_coarse, adjusted_fine = [0.0 for _ in coarse], [0.0 for _ in fine]
    for i in coarse:
        target_prob = (p_coarse[i] + q_coarse[i]) / 2
        adjusted_coarse[i] = (1 - alpha) * p_coarse[i] + alpha * target_prob
        members = [j for j in fine if fine_coarse[j] == i]
        for j in members:
            if q_coarse[i] != 0:
                fine_target_prob = (p_fine[j] * target_prob) / q_coarse[i]
                adjusted_fine[j] = (1 - alpha) * p_fine[j] + alpha * fine_target_prob
            else:
                adjusted_fine[j] = adjusted_coarse[i] / sum(1 for _ in members)
    return np.array([1.0, *adjusted_coarse, *adjusted_fine])


def walked(tree: Taxonomy, p: Floats, alpha: float) -> Floats:
    """The generalisation, node by node, from sums S over levels instead of means."""
    depth, s, t, a = tree.depth, np.zeros(len(tree)), np.zeros(len(tree)), np.zeros(len(tree))
    children = [range(len(tree))[tree.children(node)] for node in range(len(tree))]
    for node in reversed(range(len(tree))):
        below = depth - tree.depths[node] + 1
        s[node] = p[node] + sum(s[c] for c in children[node]) if children[node] else below * p[node]
    m = s / (depth - tree.depths + 1)
    t[0] = a[0] = 1
    for node in range(len(tree)):
        total = sum(m[c] for c in children[node])
        for c in children[node]:
            t[c] = t[node] * m[c] / total if total else t[node] / len(children[node])
            a[c] = max(0, (1 - alpha) * p[c] + alpha * t[c])
            if not total:
                a[c] = a[node] / len(children[node])
    return a


@given(two_level_taxonomies(), st.integers(0, 999), st.booleans(), ALPHAS)
def test_on_two_levels_it_is_algorithm_1(
    tree: Taxonomy, seed: int, zeros: bool, alpha: float
) -> None:
    values = levelwise(tree, 3, seed, zeros)
    first = tree.level(2).start
    fine_coarse = (tree.parents[tree.level(2)] - 1).tolist()
    expected = [algorithm_1(p[1:first], p[first:], fine_coarse, alpha) for p in values]
    np.testing.assert_allclose(adapt(tree, values, alpha), expected, atol=1e-12)


@pytest.mark.parametrize("alpha", [0, 0.3, 1, 1.7, 2])
def test_a_thousand_images_as_the_listing_says(alpha: float) -> None:
    tree = Taxonomy.from_paths([f"{group}/{member}" for group in range(5) for member in range(4)])
    values = levelwise(tree, 1000, seed=0, zeros=True)
    first = tree.level(2).start
    fine_coarse = (tree.parents[tree.level(2)] - 1).tolist()
    expected = np.array([algorithm_1(p[1:first], p[first:], fine_coarse, alpha) for p in values])
    adapted = adapt(tree, values.astype(np.float32), alpha)
    np.testing.assert_allclose(adapted, expected, atol=1e-6)
    empty = (tree.roll_up(values[:, first:])[:, 1:first] == 0).any(axis=1)
    assert 100 < empty.sum() < 900  # the zero branch and the usual one
    kept = np.ones(1000, dtype=bool) if alpha == 1 else ~empty  # see the docstring of adapt
    for depth in (1, 2):
        np.testing.assert_allclose(adapted[kept][:, tree.cut(depth)].sum(axis=1), 1, atol=1e-6)


@given(st.booleans().flatmap(levelwise_cases), ALPHAS)
def test_on_any_tree_it_is_the_walk_over_nodes(case: tuple[Taxonomy, Floats], alpha: float) -> None:
    tree, values = case
    expected = [walked(tree, p, alpha) for p in values]
    np.testing.assert_allclose(adapt(tree, values, alpha), expected, atol=1e-9)


@given(st.booleans().flatmap(levelwise_cases))
def test_alpha_1_makes_probabilities_coherent(case: tuple[Taxonomy, Floats]) -> None:
    tree, values = case
    adapted = adapt(tree, values)
    assert incoherence(tree, adapted) <= 1e-9
    assert incoherence(tree, adapt(tree, values.astype(np.float32))) <= 1e-5
    assert (adapted >= 0).all()


@given(levelwise_cases(), st.floats(0, 1))
def test_every_cut_keeps_its_sum(case: tuple[Taxonomy, Floats], alpha: float) -> None:
    tree, values = case
    adapted = adapt(tree, values, alpha)
    for depth in range(tree.depth + 1):
        np.testing.assert_allclose(adapted[:, tree.cut(depth)].sum(axis=1), 1, atol=1e-9)


@given(taxonomies(), st.integers(0, 999), st.booleans(), ALPHAS)
def test_coherent_probabilities_stay(tree: Taxonomy, seed: int, zeros: bool, alpha: float) -> None:
    values = coherent(tree, 3, seed, zeros)
    np.testing.assert_allclose(adapt(tree, values, alpha), values, atol=1e-12)


@given(levelwise_cases(), st.floats(0, 1))
def test_any_alpha_made_coherent_is_alpha_1(case: tuple[Taxonomy, Floats], alpha: float) -> None:
    tree, values = case
    twice = adapt(tree, adapt(tree, values, alpha), 1)
    np.testing.assert_allclose(twice, adapt(tree, values, 1), atol=1e-9)


@given(st.booleans().flatmap(levelwise_cases), ALPHAS)
def test_a_batch_is_its_images_one_by_one(case: tuple[Taxonomy, Floats], alpha: float) -> None:
    tree, values = case
    single = [adapt(tree, row[None], alpha)[0] for row in values]
    np.testing.assert_allclose(adapt(tree, values, alpha), single, atol=1e-12)


@given(st.booleans().flatmap(levelwise_cases), ALPHAS)
def test_the_order_of_children_does_not_matter(case: tuple[Taxonomy, Floats], alpha: float) -> None:
    tree, values = case
    turned = Taxonomy.from_paths(tree.paths[:0:-1])
    place = np.array([turned.find(path) for path in tree.paths])
    there = np.empty_like(values)
    there[:, place] = values
    back = adapt(turned, there, alpha)[:, place]
    np.testing.assert_allclose(back, adapt(tree, values, alpha), atol=1e-12)


def test_the_zero_branch_by_hand() -> None:
    # Nothing fine speaks for a cat, so its share is divided evenly, also without adaptation.
    values = np.array([[1, 0.4, 0.6, 0, 0, 0.75, 0.25]])
    agreed = [[1, 0.2, 0.8, 0.1, 0.1, 0.6, 0.2]]
    np.testing.assert_allclose(adapt(PETS, values, 1), agreed)
    untouched = adapt(PETS, values, 0)
    np.testing.assert_allclose(untouched, [[1, 0.4, 0.6, 0.2, 0.2, 0.75, 0.25]])
    # 1 + (1 − α) · P(cat), as the docstring says.
    assert untouched[0, 3:].sum() == pytest.approx(1.4)


def test_denormal_sums_neither_overflow_nor_lose_their_shares() -> None:
    tiny = np.float32(1e-42)
    values = np.array([[1, 0.5, 0.5, tiny, 3 * tiny, 0.5, 0.5]], dtype=np.float32)
    np.testing.assert_allclose(adapt(PETS, values)[0, 3:5], [0.0625, 0.1875], rtol=1e-2)


def test_dtype_is_kept_and_the_input_left_alone() -> None:
    values = levelwise(PETS, 1, seed=0)
    for dtype, result in (
        (np.float32, np.float32),
        (np.float64, np.float64),
        (np.float16, np.float32),
    ):
        given_values = values.astype(dtype)
        before = given_values.copy()
        assert adapt(PETS, given_values, 0.5).dtype == result
        np.testing.assert_array_equal(given_values, before)


def test_large_trees_in_blocks_and_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    tree = Taxonomy.from_paths(
        [f"{a}/{b}/{c}" for a in range(20) for b in range(20) for c in range(rng.integers(1, 25))]
    )
    values = levelwise(tree, 2000, seed=1).astype(np.float32)
    assert values.nbytes > max(2 * BLOCK_BYTES, THREADS_FROM_BYTES)
    results = []
    for threads in ("1", "3"):
        monkeypatch.setenv("OMP_NUM_THREADS", threads)
        results.append(adapt(tree, values))
    np.testing.assert_array_equal(*results)
    expected = walked(tree, values[-1].astype(np.float64), 1)
    np.testing.assert_allclose(results[0][-1], expected, atol=1e-6)


def test_what_does_not_fit_is_refused() -> None:
    values = levelwise(PETS, 1, seed=0)
    for alpha in (-0.1, 2.1, float("nan")):
        with pytest.raises(ConfigError, match="from 0 to 2"):
            adapt(PETS, values, alpha)
    for wrong in (values[0], values[:, 1:]):
        with pytest.raises(ValueError, match=r"expected \(n, 7\)"):
            adapt(PETS, wrong)
