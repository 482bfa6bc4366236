"""The inequality form against a quadratic programme, and by its properties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from node_probabilities import Floats
from scipy.optimize import nnls
from strategies import taxonomies

from labeltree.decoding import adapt_inclusive, violations
from labeltree.errors import ConfigError
from labeltree.taxonomy import Taxonomy

PETS = Taxonomy.from_paths(["cat/manx", "cat/persian", "dog/beagle", "dog/pug"])


def sigmoids(tree: Taxonomy, n: int, seed: int, digits: int = 9) -> Floats:
    """Scores that know nothing of each other; few digits make ties."""
    values = np.random.default_rng(seed).random((n, tree.num_nodes)).round(digits)
    values[:, 0] = 1
    return values


@st.composite
def cases(draw: st.DrawFn) -> tuple[Taxonomy, Floats]:
    tree = draw(taxonomies(max_leaves=15))
    digits = draw(st.sampled_from([1, 9]))
    return tree, sigmoids(tree, draw(st.integers(1, 5)), draw(st.integers(0, 10**6)), digits)


def nearest(tree: Taxonomy, p: Floats) -> Floats:
    """Projection on {x: x(parent) ≥ x(child)} by its dual, a non-negative least squares problem."""
    edges = [node for node in range(1, tree.num_nodes) if tree.parents[node]]
    slopes = np.zeros((tree.num_nodes, len(edges)))
    for column, node in enumerate(edges):
        slopes[tree.parents[node], column], slopes[node, column] = 1, -1
    projected: Floats = p + slopes @ nnls(slopes, -p)[0] if edges else p
    return projected


@settings(max_examples=200)
@given(cases())
def test_it_is_the_nearest_point_that_satisfies_the_inequalities(
    case: tuple[Taxonomy, Floats],
) -> None:
    tree, values = case
    expected = [nearest(tree, row) for row in values]
    np.testing.assert_allclose(adapt_inclusive(tree, values), expected, atol=1e-7)


@given(cases(), st.sampled_from(["float32", "float64"]))
def test_it_is_feasible_idempotent_and_touches_only_what_is_not(
    case: tuple[Taxonomy, Floats], dtype: str
) -> None:
    tree, values = case[0], case[1].astype(dtype)
    before = values.copy()
    adapted = adapt_inclusive(tree, values)
    np.testing.assert_array_equal(values, before)
    assert adapted.dtype == dtype
    assert (violations(tree, adapted) == 0).all()
    assert ((adapted >= 0) & (adapted <= 1)).all()
    np.testing.assert_array_equal(adapt_inclusive(tree, adapted), adapted)
    fine = violations(tree, values) == 0
    for alpha in (0.0, 0.7, 1.0, 2.0):
        np.testing.assert_array_equal(adapt_inclusive(tree, values, alpha)[fine], values[fine])


@given(cases(), st.floats(0, 2))
def test_alpha_interpolates(case: tuple[Taxonomy, Floats], alpha: float) -> None:
    tree, values = case
    expected = (1 - alpha) * values + alpha * adapt_inclusive(tree, values)
    np.testing.assert_allclose(
        adapt_inclusive(tree, values, alpha), np.clip(expected, 0, 1), atol=1e-12
    )


@given(cases())
def test_neither_rows_nor_the_order_of_children_matter(case: tuple[Taxonomy, Floats]) -> None:
    tree, values = case
    adapted = adapt_inclusive(tree, values)
    single = np.concatenate([adapt_inclusive(tree, row[None]) for row in values])
    np.testing.assert_allclose(adapted, single, atol=1e-12)
    turned = Taxonomy.from_paths(tree.paths[:0:-1])
    place = np.array([turned.find(path) for path in tree.paths])
    there = np.empty_like(values)
    there[:, place] = values
    np.testing.assert_allclose(adapt_inclusive(turned, there)[:, place], adapted, atol=1e-12)


def test_by_hand() -> None:
    values = np.array(
        [
            [1, 0.9, 0.9, 0.3, 0.8, 0.9, 0.1],  # nothing to do, although no level sums to 1
            [1, 0.2, 0.9, 0.6, 0.1, 0.5, 0.5],  # a pair meets at its mean, as in Algorithm 1
            [1, 0.3, 0.9, 0.9, 0.6, 0.5, 0.5],  # a cat must be as probable as both of its breeds
        ]
    )
    expected = values.copy()
    expected[1, [1, 3]] = 0.4
    expected[2, [1, 3, 4]] = 0.6
    np.testing.assert_allclose(adapt_inclusive(PETS, values), expected)
    np.testing.assert_allclose(violations(PETS, values), [0, 0.4, 0.6])


def test_the_root_takes_no_part_and_is_certain() -> None:
    values = np.array([[0.1, 0.9, 0.8, 0.5, 0.5, 0.5, 0.5]])
    np.testing.assert_array_equal(adapt_inclusive(PETS, values)[:, 0], [1])
    np.testing.assert_array_equal(adapt_inclusive(PETS, values)[:, 1:], values[:, 1:])
    one_level = Taxonomy.from_paths(["a", "b"])
    np.testing.assert_array_equal(
        adapt_inclusive(one_level, np.array([[1, 0.9, 0.8]])), [[1, 0.9, 0.8]]
    )


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ConfigError, match="from 0 to 2"):
        adapt_inclusive(PETS, sigmoids(PETS, 1, seed=0), 2.1)
    with pytest.raises(ValueError, match=r"expected \(n, 7\)"):
        adapt_inclusive(PETS, sigmoids(PETS, 1, seed=0)[:, 1:])
