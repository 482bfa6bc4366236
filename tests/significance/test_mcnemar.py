import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from labeltree.errors import ConfigError
from labeltree.significance import McNemarTest, mcnemar_test

COUNT = st.integers(0, 60)


def answers(only_a: int, only_b: int, both: int = 0, none: int = 0) -> tuple:
    """The four kinds of images in a mixed order, the same for both models."""
    kinds = [[1, 0]] * only_a + [[0, 1]] * only_b + [[1, 1]] * both + [[0, 0]] * none
    return tuple(np.random.default_rng(0).permutation(np.array(kinds).reshape(-1, 2)).T)


def test_by_hand() -> None:
    """5 against 1: of the 64 outcomes of six fair coins, 2 · (1 + 6) are no less one-sided."""
    found = mcnemar_test(*answers(5, 1, both=10, none=4))
    # Half an image more of each kind: 5.5 against 1.5 of 22, a difference of 4 / 22.
    reach = 1.96 * (7 - 4**2 / 22) ** 0.5 / 22
    low, high = (pytest.approx(4 / 22 + end, abs=1e-5) for end in (-reach, reach))
    assert found == McNemarTest(5, 1, 20, pytest.approx(0.2), low, high, pytest.approx(14 / 64))


@given(COUNT, COUNT, COUNT, COUNT)
def test_exact_equals_scipy(only_a: int, only_b: int, both: int, none: int) -> None:
    if only_a + only_b == 0:
        return
    found = mcnemar_test(*answers(only_a, only_b, both, none))
    oracle = stats.binomtest(only_a, only_a + only_b, 0.5).pvalue
    assert found.p_value == pytest.approx(oracle, rel=1e-9)


@given(COUNT, COUNT)
def test_exchanging_the_models_turns_the_sign(only_a: int, only_b: int) -> None:
    a, b = answers(only_a, only_b, both=3)
    there, back = mcnemar_test(a, b), mcnemar_test(b, a)
    assert there.p_value == back.p_value
    assert there.difference == -back.difference == pytest.approx(a.mean() - b.mean())
    assert (there.low, there.high) == (-back.high, -back.low)
    assert -1 <= there.low <= there.difference <= there.high <= 1


@pytest.mark.parametrize(("a", "b"), [(0.1, 0.1), (0.05, 0.1), (0.02, 0.01)])
def test_intervals_hold_the_true_difference_about_as_often_as_they_say(a: float, b: float) -> None:
    """2,000 times 300 images, of which shares a and b are just one model's in truth."""
    draws = np.random.default_rng(1).multinomial(300, [a, b, 1 - a - b], size=2000)
    found = [mcnemar_test(*answers(one, other, both)) for one, other, both in draws.tolist()]
    held = np.mean([test.low <= a - b <= test.high for test in found])
    assert 0.93 < held <= 0.99


def test_many_images_are_as_edwards_has_them() -> None:
    """Chi-squared with his correction: (530 - 470 - 1)² / 1,000; alike on many images."""
    found = mcnemar_test(*answers(530, 470, both=9000))
    assert found.p_value == pytest.approx(stats.chi2.sf(59**2 / 1000, 1), rel=0.01)


def test_as_many_on_either_side_is_no_evidence() -> None:
    assert mcnemar_test(*answers(7, 7)).p_value == 1
    assert mcnemar_test(*answers(0, 1)).p_value == 1


def test_the_same_answers_leave_nothing_to_test() -> None:
    right = [True, False, True]
    found = mcnemar_test(right, right)
    assert (found.only_a, found.only_b, found.n, found.difference) == (0, 0, 3, 0.0)
    assert found.p_value is None
    assert found.low == -found.high < 0  # three images do not prove that there is no difference


@pytest.mark.parametrize(
    ("a", "b", "message"),
    [
        ([1, 0], [1], "2 and 1 answers; both models must answer the same images"),
        ([], [], "no answers; at least 1 image"),
        ([1, 2], [1, 0], "the first answers must be a list of right .* and wrong"),
        ([1, 0], [0.5, 1], "the second answers must be"),
        ([[1, 0]], [[1, 0]], "the first answers must be"),
    ],
)
def test_what_cannot_be_tested_is_refused(a: list, b: list, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        mcnemar_test(a, b)
