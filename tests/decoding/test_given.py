"""Node probabilities given an ancestor of the label: by hand, against a walk, by properties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given as cases_of
from hypothesis import settings
from hypothesis import strategies as st
from node_probabilities import Floats, Nodes, coherent, incoherence, levelwise
from strategies import taxonomies

from labeltree.decoding import Decoder, adapt, depth_to_tell, given
from labeltree.errors import ConfigError
from labeltree.taxonomy import Taxonomy

PETS = Taxonomy.from_paths(["cat", "dog/beagle", "dog/hound/basset", "dog/hound/saluki"])

Case = tuple[Taxonomy, Floats, Nodes]


@st.composite
def cases(draw: st.DrawFn, agree: bool) -> Case:
    """A tree, probabilities (with zeros at times) and what is known of each image: any node."""
    tree = draw(taxonomies(max_leaves=15))
    n, seed = draw(st.integers(1, 6)), draw(st.integers(0, 10**6))
    values = (coherent if agree else levelwise)(tree, n, seed, draw(st.booleans()))
    known = np.random.default_rng(seed + 1).integers(0, tree.num_nodes, n)
    return tree, values, known


def walked(tree: Taxonomy, row: Floats, known: int) -> Floats:
    """The definition, node by node."""
    if known == 0:
        return row
    result = np.zeros(tree.num_nodes)
    result[[0, *tree.path_to(known)]] = 1
    branch = [n for n in range(tree.num_nodes) if n != known and known in tree.path_to(n)]
    for depth in range(tree.depths[known] + 1, tree.depth + 1):
        here = [n for n in branch if tree.depths[n] == depth]
        settled = sum(result[n] for n in branch if tree.is_leaf[n] and tree.depths[n] < depth)
        total = sum(row[n] for n in here)
        for n in here:
            parent = tree.parents[n]
            evenly = result[parent] / tree.num_children[parent]
            result[n] = (1 - settled) * row[n] / total if total > 0 else evenly
    return result


def places(tree: Taxonomy, known: Nodes) -> tuple[np.ndarray, np.ndarray]:
    """Where a node is at or above what is known, and where it is neither that nor below it."""
    nodes = np.arange(tree.num_nodes)[None]
    above = tree.is_at_or_below(known[:, None], nodes)
    return above, ~above & ~tree.is_at_or_below(nodes, known[:, None])


@settings(max_examples=200)
@cases_of(st.one_of(cases(agree=True), cases(agree=False)))
def test_it_is_the_definition(case: Case) -> None:
    tree, values, known = case
    expected = [walked(tree, row, node) for row, node in zip(values, known, strict=True)]
    np.testing.assert_allclose(given(tree, values, known), expected, atol=1e-12)


@cases_of(cases(agree=True))
def test_coherent_probabilities_stay_coherent_and_are_divided(case: Case) -> None:
    tree, values, known = case
    result = given(tree, values, known)
    assert incoherence(tree, result) < 1e-12
    chance = values[np.arange(len(values)), known][:, None]
    below = tree.is_at_or_below(np.arange(tree.num_nodes)[None], known[:, None])
    divided = values / np.where(chance > 0, chance, 1)
    sure = below & (chance > 0)
    np.testing.assert_allclose(result[sure], divided[sure], atol=1e-12)


@cases_of(st.one_of(cases(agree=True), cases(agree=False)), st.sampled_from(["f4", "f8"]))
def test_above_is_certain_beside_is_nothing_and_cuts_sum_to_one(case: Case, dtype: str) -> None:
    tree, values, known = case[0], case[1].astype(dtype), case[2]
    before = values.copy()
    result = given(tree, values, known)
    np.testing.assert_array_equal(values, before)
    assert result.dtype == dtype and (result >= 0).all()
    above, beside = places(tree, known)
    assert (result[above & (known > 0)[:, None]] == 1).all() and (result[beside] == 0).all()
    for depth in range(1, tree.depth + 1):
        np.testing.assert_allclose(result[:, tree.cut(depth)].sum(axis=1), 1, atol=1e-5)


@cases_of(st.one_of(cases(agree=True), cases(agree=False)))
def test_saying_it_twice_tells_nothing_new(case: Case) -> None:
    tree, values, known = case
    once = given(tree, values, known)
    np.testing.assert_allclose(given(tree, once, known), once, atol=1e-12)
    # Nor does what is above it, before or after.
    parents = np.maximum(tree.parents[known], 0)
    np.testing.assert_allclose(given(tree, once, parents), once, atol=1e-12)


@cases_of(st.one_of(cases(agree=True), cases(agree=False)))
def test_neither_rows_nor_the_order_of_children_matter(case: Case) -> None:
    tree, values, known = case
    result = given(tree, values, known)
    single = [given(tree, row[None], [node])[0] for row, node in zip(values, known, strict=True)]
    np.testing.assert_array_equal(result, single)
    turned = Taxonomy.from_paths(tree.paths[:0:-1])
    place = np.array([turned.find(path) for path in tree.paths])
    there = np.empty_like(values)
    there[:, place] = values
    np.testing.assert_allclose(given(turned, there, place[known])[:, place], result, atol=1e-12)


@cases_of(cases(agree=True))
def test_a_temperature_may_come_before_or_after(case: Case) -> None:
    tree, values, known = case
    decoder = Decoder(temperature=1.7)
    possible = values[np.arange(len(values)), known] > 0
    after = given(tree, decoder(tree, values), known)[possible]
    before = decoder(tree, given(tree, values, known))[possible]
    np.testing.assert_allclose(after, before, atol=1e-6)


@cases_of(cases(agree=False))
def test_levels_can_still_be_made_to_agree(case: Case) -> None:
    tree, values, known = case
    result = adapt(tree, given(tree, values, known))
    above, beside = places(tree, known)
    assert incoherence(tree, result) < 1e-9
    np.testing.assert_allclose(result[above], 1, atol=1e-12)
    assert (result[beside] == 0).all()


def test_by_hand() -> None:
    # cat, dog, beagle, hound, basset, saluki; each level has its own opinion
    levels = np.array([[1, 0.9, 0.1, 0.06, 0.04, 0.03, 0.01]])
    dog, hound, basset = (PETS.find(p) for p in ("dog", "dog/hound", "dog/hound/basset"))
    np.testing.assert_allclose(
        given(PETS, levels, [dog]), [[1, 0, 1, 0.6, 0.4, 0.3, 0.1]], atol=1e-12
    )
    np.testing.assert_allclose(
        given(PETS, levels, [hound]), [[1, 0, 1, 0, 1, 0.75, 0.25]], atol=1e-12
    )
    np.testing.assert_array_equal(given(PETS, levels, [basset]), [[1, 0, 1, 0, 1, 1, 0]])
    np.testing.assert_array_equal(given(PETS, levels, [0]), levels)


def test_what_was_impossible_is_shared_evenly_level_by_level() -> None:
    cat = PETS.roll_up(np.array([[1.0, 0, 0, 0]]))
    np.testing.assert_array_equal(
        given(PETS, cat, [PETS.find("dog")]), [[1, 0, 1, 0.5, 0.5, 0.25, 0.25]]
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_least_numbers_are_divided_too(dtype: type) -> None:
    least = np.finfo(dtype).smallest_subnormal
    row = np.array([[1, 1, 4 * least, 3 * least, least, least, 0]], dtype=dtype)
    np.testing.assert_array_equal(
        given(PETS, row, [PETS.find("dog")]), [[1, 0, 1, 0.75, 0.25, 0.25, 0]]
    )


def test_no_images_and_many() -> None:
    assert given(PETS, np.zeros((0, 7)), []).shape == (0, 7)
    many = coherent(PETS, 300_000, seed=0)
    known = np.full(len(many), PETS.find("dog"))
    result = given(PETS, many, known)
    np.testing.assert_allclose(result[:, 3], many[:, 3] / many[:, 2])


def test_what_does_not_fit_is_refused() -> None:
    values = coherent(PETS, 2, seed=0)
    with pytest.raises(ValueError, match=r"expected \(n, 7\)"):
        given(PETS, values[:, 1:], [1, 2])
    with pytest.raises(ValueError, match="one node number for each of 2 images"):
        given(PETS, values, [1])
    with pytest.raises(ValueError, match="one node number"):
        given(PETS, values, [0.5, 1.0])
    with pytest.raises(ValueError, match="from 0 to 6"):
        given(PETS, values, [1, 7])


def test_a_level_is_called_by_name_or_depth() -> None:
    named = Taxonomy.from_paths(["a/b/c", "d"], ["kingdom", "family", "2"])
    assert depth_to_tell(named, "family") == depth_to_tell(PETS, "level 2") == 2
    assert depth_to_tell(named, "1") == depth_to_tell(PETS, "1") == 1
    with pytest.raises(ConfigError, match="did you mean 'family'"):
        depth_to_tell(named, "famly")
    for level in ("0", "4", "-1", "", "½"):
        with pytest.raises(ConfigError, match="no level"):
            depth_to_tell(named, level)
    # A name comes before a depth, and the deepest level would tell the answers.
    with pytest.raises(ConfigError, match="nothing is left: give one above it: kingdom, family"):
        depth_to_tell(named, "2")
    with pytest.raises(ConfigError, match="leave it out"):
        depth_to_tell(Taxonomy.from_paths(["a", "b"]), "1")
