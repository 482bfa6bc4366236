import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from labeltree.errors import ConfigError
from labeltree.significance import PairedTest, paired_t_test

HUNDREDTHS = st.integers(-10_000, 10_000).map(lambda count: count / 100)
PAIRS = st.lists(st.tuples(HUNDREDTHS, HUNDREDTHS), min_size=2, max_size=20)


def test_by_hand() -> None:
    """Differences 1, 2, 3: mean 2, deviation 1, t = 2√3; with 2 degrees p = 1 - t / √(t² + 2)."""
    found = paired_t_test([3, 5, 7], [2, 3, 4])
    assert (found.mean_difference, found.sd_difference, found.effect_size) == (2, 1, 2)
    assert found.n == 3
    assert found.t == pytest.approx(2 * math.sqrt(3))
    assert found.p_value == pytest.approx(1 - math.sqrt(12 / 14))
    reach = 0.95 * math.sqrt(2 / (1 - 0.95**2)) / math.sqrt(3)  # the quantile, from the same p
    assert (found.low, found.high) == pytest.approx((2 - reach, 2 + reach))


@given(PAIRS)
def test_equals_scipy(pairs: list[tuple[float, float]]) -> None:
    a, b = np.array(pairs).T
    found = paired_t_test(a, b)
    assert found.mean_difference == pytest.approx((a - b).mean(), abs=1e-12)
    if found.t is None:
        assert np.ptp(a - b) < 1e-9
        return
    oracle = stats.ttest_rel(a, b)
    interval = oracle.confidence_interval(0.95)
    assert found.t == pytest.approx(oracle.statistic, rel=1e-9, abs=1e-12)
    assert found.p_value == pytest.approx(oracle.pvalue, rel=1e-7, abs=1e-300)
    assert (found.low, found.high) == pytest.approx(tuple(interval), rel=1e-9, abs=1e-9)
    assert found.effect_size == pytest.approx((a - b).mean() / (a - b).std(ddof=1), abs=1e-9)


@given(PAIRS)
def test_exchanging_the_sides_turns_the_signs(pairs: list[tuple[float, float]]) -> None:
    a, b = np.array(pairs).T
    there, back = paired_t_test(a, b), paired_t_test(b, a)
    assert there.p_value == back.p_value
    assert there.mean_difference == -back.mean_difference
    assert (there.low, there.high) == (-back.high, -back.low)
    assert there.t == (None if back.t is None else -back.t)


def test_identical_pairs_leave_nothing_to_test() -> None:
    assert paired_t_test([24.1, 24.2], [24.1, 24.2]) == PairedTest(
        0.0, 0.0, None, None, None, 0.0, 0.0, 2
    )


def test_equal_differences_cannot_be_tested() -> None:
    assert paired_t_test([3, 5], [2, 4]) == PairedTest(1.0, 0.0, None, None, None, 1.0, 1.0, 2)


def test_rounding_is_no_variance() -> None:
    found = paired_t_test([0.3, 0.2, 0.8], [0.2, 0.1, 0.7])  # 0.3 - 0.2 is not 0.2 - 0.1 in binary
    assert len({0.3 - 0.2, 0.2 - 0.1, 0.8 - 0.7}) > 1
    assert (found.sd_difference, found.p_value, found.t) == (0, None, None)
    assert found.mean_difference == pytest.approx(0.1)
    third = paired_t_test([0.1 + 0.2, 0.7], [0.3, 0.7])
    assert (third.mean_difference, third.p_value) == (0, None)


def test_a_step_of_one_image_is_variance() -> None:
    found = paired_t_test([0.2001, 0.2, 0.2], [0.2, 0.2, 0.2])
    assert found.p_value == pytest.approx(0.4226, abs=1e-4)


@pytest.mark.parametrize(
    ("a", "b", "message"),
    [
        ([1.0], [2.0], "1 pairs; at least 2 are needed: add seeds"),
        ([], [], "0 pairs; at least 2"),
        ([1, 2, 3], [1, 2], "3 and 2 values; every value needs a pair"),
        ([1, math.nan], [1, 2], "the first values must be a list of finite numbers"),
        ([1, 2], [1, None], "the second values must be"),
        ([1, 2], ["x", "y"], "the second values must be"),
        ([[1, 2]], [[1, 2]], "the first values must be"),
        (1.0, 2.0, "the first values must be"),
    ],
)
def test_what_cannot_be_tested_is_refused(a: object, b: object, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        paired_t_test(a, b)
    assert "\n" not in str(caught.value)
