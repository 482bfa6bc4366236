"""Corrected p-values: of many tests some succeed by chance.

None stands for a test that could not be made; it stays None and does not count as a test.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from labeltree.errors import ConfigError

PValues = Sequence[float | None]


def holm(p_values: PValues) -> list[float | None]:
    """Correct so that *any* false finding has at most the probability that is compared with.

    With m tests in ascending order, the i-th p-value is multiplied by m - i + 1; none falls below
    the one before it, none exceeds 1. Valid however the tests depend on each other.

    Args:
        p_values: in any order, each in [0, 1] or None.

    Returns:
        As many, in the same order.

    Raises:
        ConfigError: a value that is no probability.

    Source: Holm 1979, "A simple sequentially rejective multiple test procedure".

    >>> holm([0.01, 0.04, None, 0.03])
    [0.03, 0.06, None, 0.06]
    """
    tested, ascending, places = _sorted(p_values)
    factors = np.arange(len(ascending), 0, -1)
    return _in_place(tested, places, np.maximum.accumulate(factors * ascending))


def benjamini_hochberg(p_values: PValues) -> list[float | None]:
    """Correct so that of all findings at most the share that is compared with is false, on average.

    With m tests in ascending order, the i-th p-value is multiplied by m / i; none exceeds the one
    after it. Valid for independent tests and for those that depend on each other positively.

    Args:
        p_values: in any order, each in [0, 1] or None.

    Returns:
        As many, in the same order.

    Raises:
        ConfigError: a value that is no probability.

    Source: Benjamini and Hochberg 1995, "Controlling the false discovery rate".

    >>> benjamini_hochberg([0.01, 0.04, None, 0.03])
    [0.03, 0.04, None, 0.04]
    """
    tested, ascending, places = _sorted(p_values)
    m = len(ascending)
    raised = ascending * (m / np.arange(1, m + 1))  # the last factor is 1 to the last bit
    return _in_place(tested, places, np.minimum.accumulate(raised[::-1])[::-1])


def _sorted(p_values: PValues) -> tuple[list[bool], NDArray[np.float64], NDArray[np.int64]]:
    """Which are tests; their p-values in ascending order; and where each of these stood."""
    for value in p_values:
        if value is not None and not 0 <= value <= 1:  # refuses NaN as well
            raise ConfigError(
                f"a p-value of {value}: expected 0 to 1, or None for a test that was not made"
            )
    values = np.array([value for value in p_values if value is not None], dtype=np.float64)
    places = np.argsort(values, kind="stable")
    return [value is not None for value in p_values], values[places], places


def _in_place(
    tested: list[bool], places: NDArray[np.int64], corrected: NDArray[np.float64]
) -> list[float | None]:
    back = np.empty_like(corrected)
    back[places] = np.minimum(corrected, 1)
    values = iter(back.tolist())
    return [next(values) if is_test else None for is_test in tested]
