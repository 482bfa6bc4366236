"""Student's t-test for pairs: two ways to train or to decode, measured with the same seeds."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labeltree.errors import ConfigError

CONFIDENCE = 0.95
_ROUNDING = 8 * float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class PairedTest:
    """What `paired_t_test` found; differences are first minus second, in the unit of the values.

    Attributes:
        mean_difference: mean of the differences.
        sd_difference: their standard deviation (n - 1 in the denominator).
        t: the statistic, with n - 1 degrees of freedom; None where the differences are all equal.
        p_value: two-sided; None where the differences are all equal.
        effect_size: Cohen's d_z, mean by standard deviation; None where the latter is 0.
        low: lower end of the 95 % interval of the mean difference.
        high: upper end.
        n: number of pairs.
    """

    mean_difference: float
    sd_difference: float
    t: float | None
    p_value: float | None
    effect_size: float | None
    low: float
    high: float
    n: int


def paired_t_test(a: ArrayLike, b: ArrayLike) -> PairedTest:
    """Test whether the mean of `a - b` may be 0.

    It takes the differences as independent draws from a normal distribution. Runs are paired by
    seed; members of overlapping ensembles are not independent, so their p-values are too small.

    Where all differences are equal (but for rounding) there is no variance to compare with and
    nothing can be tested: `p_value` is None. With few pairs of coarsely stepped figures such
    equality is itself chance, so that the limit of 0 would claim too much.

    Args:
        a: one value for each pair, `(n,)`, at least 2.
        b: the other value of each pair, `(n,)`.

    Raises:
        ConfigError: unequal numbers of values, fewer than two pairs, or a value that is no number.

    Source: Student 1908; the test of paper 002, section 4, "Statistical significance". d_z: Cohen
    1988, section 2.3.5.

    >>> found = paired_t_test([24.1, 24.5, 23.9], [23.1, 23.3, 23.1])
    >>> [round(value, 4) for value in (found.mean_difference, found.t, found.p_value)]
    [1.0, 8.6603, 0.0131]
    >>> [round(value, 3) for value in (found.low, found.high, found.effect_size)]
    [0.503, 1.497, 5.0]
    """
    from scipy.special import stdtr, stdtrit

    first, second = _values("first", a), _values("second", b)
    n = len(first)
    if n != len(second):
        raise ConfigError(f"paired t-test: {n} and {len(second)} values; every value needs a pair")
    if n < 2:
        raise ConfigError(f"paired t-test: {n} pairs; at least 2 are needed: add seeds")
    differences = first - second
    mean, spread = _without_rounding(differences, max(np.abs(first).max(), np.abs(second).max()))
    if spread == 0:
        return PairedTest(mean, 0.0, None, None, None, mean, mean, n)
    error = spread / math.sqrt(n)
    t = mean / error
    reach = float(stdtrit(n - 1, (1 + CONFIDENCE) / 2)) * error
    p_value = 2 * float(stdtr(n - 1, -abs(t)))
    return PairedTest(mean, spread, t, p_value, mean / spread, mean - reach, mean + reach, n)


def _values(which: str, given: ArrayLike) -> NDArray[np.float64]:
    try:
        values = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError):
        values = np.array([math.nan])
    if values.ndim != 1 or not np.isfinite(values).all():
        raise ConfigError(
            f"paired t-test: the {which} values must be a list of finite numbers; got {given!r}"
        )
    return values


def _without_rounding(differences: NDArray[np.float64], largest: float) -> tuple[float, float]:
    """Mean and standard deviation, 0 where they are only due to the rounding of `a - b`."""
    rounding = _ROUNDING * largest
    mean, spread = float(differences.mean()), float(differences.std(ddof=1))
    if np.ptp(differences) > rounding:
        return mean, spread
    return (mean if abs(mean) > rounding else 0.0), 0.0
