from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from labeltree.errors import ConfigError
from labeltree.significance import benjamini_hochberg, holm

P_VALUES = st.lists(st.floats(0, 1), max_size=7)
BOTH = pytest.mark.parametrize("correct", [holm, benjamini_hochberg])


def test_holm_by_hand() -> None:
    # ascending 0.005, 0.01, 0.03, 0.04: times 4, 3, 2, 1, and never less than before
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.5, 0.6, 0.04]) == pytest.approx([1.0, 1.0, 0.12])


def test_benjamini_hochberg_by_hand() -> None:
    # times 4/1, 4/2, 4/3, 4/4: 0.02, 0.02, 0.04, 0.04
    assert benjamini_hochberg([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.02, 0.04, 0.04, 0.02])
    assert benjamini_hochberg([0.9, 0.02]) == pytest.approx([0.9, 0.04])


@given(P_VALUES.filter(len))
def test_benjamini_hochberg_equals_scipy(p_values: list[float]) -> None:
    assert benjamini_hochberg(p_values) == pytest.approx(
        stats.false_discovery_control(p_values), rel=1e-9, abs=1e-300
    )


@given(P_VALUES)
def test_holm_is_the_closure_of_bonferroni(p_values: list[float]) -> None:
    """A finding stands if every group of hypotheses with it falls to Bonferroni's test."""
    everyone = range(len(p_values))
    for one, corrected in zip(everyone, holm(p_values), strict=True):
        groups = [g for size in everyone for g in combinations(everyone, size + 1) if one in g]
        worst = max(min(len(group) * min(p_values[i] for i in group), 1) for group in groups)
        assert corrected == pytest.approx(worst, rel=1e-12)


@BOTH
@given(P_VALUES, st.randoms(use_true_random=False))
def test_corrections_keep_places_and_order(correct, p_values, random) -> None:
    corrected = correct(p_values)
    assert len(corrected) == len(p_values)
    assert all(p <= c <= 1 for p, c in zip(p_values, corrected, strict=True))
    order = np.argsort(p_values, kind="stable")
    assert np.all(np.diff(np.array(corrected)[order]) >= 0)
    shuffled = list(everyone := range(len(p_values)))
    random.shuffle(shuffled)
    again = correct([p_values[i] for i in shuffled])
    assert [again[shuffled.index(i)] for i in everyone] == corrected


@BOTH
@given(P_VALUES, st.data())
def test_tests_that_were_not_made_do_not_count(correct, p_values, data) -> None:
    place = data.draw(st.integers(0, len(p_values)))
    with_none = [*p_values[:place], None, *p_values[place:]]
    corrected = correct(with_none)
    assert corrected.pop(place) is None
    assert corrected == correct(p_values)


def test_the_largest_is_not_lowered_by_rounding() -> None:
    largest = 0.8843394826167186
    assert largest * 3 / 3 < largest
    assert benjamini_hochberg([0.0, 0.0, largest])[2] == largest


@BOTH
def test_few_tests(correct) -> None:
    assert correct([]) == []
    assert correct([None, None]) == [None, None]
    assert correct([0.03]) == [0.03]


@BOTH
@pytest.mark.parametrize("wrong", [-0.1, 1.5, float("nan")])
def test_what_is_no_probability_is_refused(correct, wrong: float) -> None:
    with pytest.raises(ConfigError, match=f"a p-value of {wrong}: expected 0 to 1, or None"):
        correct([0.5, wrong])
