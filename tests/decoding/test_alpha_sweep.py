"""The sweep over α against adapting with each α."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from node_probabilities import Floats, levelwise_cases, likely_targets

from labeltree.decoding import AlphaSweep, adapt, sweep, sweep_record
from labeltree.decoding.alpha_sweep import ALPHAS
from labeltree.errors import ConfigError
from labeltree.metrics import top_k_accuracy
from labeltree.taxonomy import Taxonomy


@settings(max_examples=40)
@given(st.booleans().flatmap(levelwise_cases), st.integers(0, 999))
def test_it_counts_the_errors_of_every_adaptation(case: tuple[Taxonomy, Floats], seed: int) -> None:
    tree, values = case
    targets = likely_targets(tree, values, seed)
    swept = sweep(tree, values, targets)
    assert swept.alphas == ALPHAS
    assert swept.alphas[0] == 0
    assert swept.alphas[-1] == 2
    for alpha, errors in zip(swept.alphas, swept.errors, strict=True):
        right = np.array(top_k_accuracy(tree, adapt(tree, values, alpha), targets))
        np.testing.assert_allclose(errors, 1 - right)


def test_the_best_alpha_is_chosen_on_validation_and_near_1_among_equals() -> None:
    alphas = (0.0, 0.5, 1.0, 1.5)
    validation = AlphaSweep(alphas, np.array([[0.3, 0.2], [0.1, 0.2], [0.1, 0.2], [0.1, 0.1]]))
    test = AlphaSweep(alphas, np.array([[0.4, np.nan]] * 2 + [[0.2, 0.7], [0.3, np.nan]]))
    assert validation.best_alphas() == [1.0, 1.5]
    record = sweep_record(validation, test)
    assert record["best_alpha"] == [1.0, 1.5]
    assert record["test_error_at_best"] == [0.2, None]
    assert record["validation"][1] == {"alpha": 0.5, "errors": [0.1, 0.2]}
    assert record["test"][2] == {"alpha": 1.0, "errors": [0.2, 0.7]}


def test_one_alpha_for_all_levels_has_the_fewest_errors_in_the_mean() -> None:
    nan = np.nan
    errors = np.array([[0.3, nan, 0.2], [0.1, nan, 0.2], [0.2, nan, 0.1], [0.0, nan, 0.4]])
    assert AlphaSweep((0.0, 0.5, 1.0, 1.5), errors).best_alpha() == 1.0
    assert AlphaSweep((0.0, 0.5, 1.0, 1.5), errors[:, :1]).best_alpha() == 1.5
    assert AlphaSweep((0.0, 0.9), np.full((2, 1), nan)).best_alpha() == 0.9


def test_alphas_outside_the_range_are_refused() -> None:
    tree = Taxonomy.from_paths(["a", "b"])
    with pytest.raises(ConfigError, match="alpha is 3"):
        sweep(tree, np.array([[1, 0.5, 0.5]]), np.array([1]), alphas=[3])
