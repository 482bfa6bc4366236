"""Roll-up against sums and maxima over the leaves at or below each node, by a dense matrix."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from strategies import taxonomies

from labeltree.taxonomy import Taxonomy, roll_up

seeds = st.integers(0, 2**31)


def leaf_matrix(tree: Taxonomy) -> np.ndarray:
    """1 where a leaf (row) is at or below a node (column)."""
    return tree.is_at_or_below(tree.leaves[:, None], np.arange(len(tree))[None, :]).astype(float)


@given(taxonomies(), seeds, st.integers(0, 20))
def test_roll_up_is_the_sum_over_leaves(tree: Taxonomy, seed: int, batch: int) -> None:
    values = np.random.default_rng(seed).random((batch, tree.num_leaves))
    assert_allclose(tree.roll_up(values), values @ leaf_matrix(tree))


@given(taxonomies(), seeds, st.integers(9, 20))
def test_the_way_of_large_trees_gives_the_same(tree: Taxonomy, seed: int, batch: int) -> None:
    values = np.random.default_rng(seed).random((batch, tree.num_leaves))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(roll_up, "MANY_GROUPS", 1)
        for dtype in (np.float64, np.float32, np.float16):
            sums = tree.roll_up(values.astype(dtype))
            assert sums.dtype == dtype
            assert_allclose(sums, values @ leaf_matrix(tree), rtol=4 * np.finfo(dtype).eps * 8)


def test_a_tree_large_enough_for_blocks() -> None:
    tree = Taxonomy.from_paths([f"{i // 500}/{i // 3}/{i}" for i in range(1500)] + ["alone"])
    values = np.random.default_rng(0).random((13, tree.num_leaves), dtype=np.float32)
    assert_allclose(tree.roll_up(values), values @ leaf_matrix(tree), rtol=1e-5)


@given(taxonomies(), seeds)
def test_log_roll_up_is_the_log_of_roll_up(tree: Taxonomy, seed: int) -> None:
    random = np.random.default_rng(seed)
    values = random.random((3, tree.num_leaves)) * (random.random((3, tree.num_leaves)) > 0.3)
    with np.errstate(divide="ignore"):
        assert_allclose(tree.log_roll_up(np.log(values)), np.log(tree.roll_up(values)), atol=1e-12)


def test_log_roll_up_keeps_what_exp_would_lose() -> None:
    tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    rolled = tree.log_roll_up(np.array([[-np.inf, -2000.0, -2000.0]]))
    assert_allclose(rolled, [[-2000 + np.log(2), -np.inf, -2000 + np.log(2), -2000, -2000]])
    assert (tree.log_roll_up(np.full((1, 3), -np.inf)) == -np.inf).all()


@given(taxonomies(), seeds, st.integers(0, 6), st.sampled_from([np.float32, np.float64]))
def test_the_maximum_is_that_of_the_leaves_below(
    tree: Taxonomy, seed: int, batch: int, dtype: type[np.floating]
) -> None:
    values = np.random.default_rng(seed).normal(size=(batch, tree.num_leaves)).astype(dtype)
    below = leaf_matrix(tree).astype(bool)
    expected = [values[:, column].max(axis=1) for column in below.T]
    found = tree.roll_up_max(values)
    assert found.dtype == dtype
    assert found.tobytes() == np.stack(expected, axis=1).tobytes()  # to the last bit
    assert (found[:, tree.parents[1:]] >= found[:, 1:]).all()


def test_the_maximum_keeps_what_is_no_number_and_leaves_its_input_alone() -> None:
    tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    values = np.array([[0.5, np.nan, 0.25], [-np.inf, 0.0, -1.0]], dtype=np.float32)
    before = values.tobytes()
    expected = [[np.nan, 0.5, np.nan, np.nan, 0.25], [0, -np.inf, 0, 0, -1]]
    np.testing.assert_array_equal(tree.roll_up_max(values), expected)
    assert values.tobytes() == before


def test_wrong_width_is_named() -> None:
    tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    for function in (tree.roll_up, tree.log_roll_up, tree.roll_up_max):
        for wrong in (np.ones((2, 5)), np.ones(3)):
            with pytest.raises(ValueError, match=r"expected \(B, 3\)"):
                function(wrong)
