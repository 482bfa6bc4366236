"""McNemar's test: two models that answered the same images."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labeltree.errors import ConfigError

_NORMAL_95 = 1.959963984540054
_ADDED = 0.5


@dataclass(frozen=True)
class McNemarTest:
    """What `mcnemar_test` found.

    Attributes:
        only_a: images that only the first model answered rightly.
        only_b: images that only the second did.
        n: all images.
        difference: accuracy of the first model minus that of the second.
        low: lower end of the 95 % interval of that difference, for other images like these.
        high: upper end.
        p_value: two-sided; None where both are right on the same images.
    """

    only_a: int
    only_b: int
    n: int
    difference: float
    low: float
    high: float
    p_value: float | None


def mcnemar_test(right_a: ArrayLike, right_b: ArrayLike) -> McNemarTest:
    """Test whether two models may be equally accurate, by the images on which just one is right.

    If they are, each such image is as likely to be one's as the other's. The test knows these two
    trained models only: that another seed would give the same order is for `paired_t_test` to say.

    Args:
        right_a: whether the first model's answer to each image is right, bool or 0 and 1, `(n,)`.
        right_b: the same images in the same order for the second model, `(n,)`.

    Raises:
        ConfigError: unequal numbers of images, none, or answers that are neither right nor wrong.

    The interval is approximate and may just leave out 0 where the exact p-value is just above 0.05.

    Source: McNemar 1947, here exact, by the binomial distribution; for classifiers Dietterich 1998,
    "Approximate statistical tests for comparing supervised classification learning algorithms",
    section 3.1. Interval: Agresti and Min 2005, "Simple improved confidence intervals for comparing
    matched proportions", which adds half an image to each of the four kinds.

    >>> found = mcnemar_test([1, 1, 1, 1, 1, 0, 0], [1, 0, 0, 0, 0, 0, 0])
    >>> found.only_a, found.only_b, found.n, found.p_value
    (4, 0, 7, 0.125)
    >>> round(found.low, 3), round(found.difference, 3), round(found.high, 3)
    (0.054, 0.571, 0.835)
    """
    from scipy.special import bdtr

    first, second = _answers("first", right_a), _answers("second", right_b)
    n = len(first)
    if n != len(second):
        raise ConfigError(
            f"McNemar's test: {n} and {len(second)} answers; both models must answer the same "
            "images"
        )
    if n == 0:
        raise ConfigError("McNemar's test: no answers; at least 1 image is needed")
    only_a, only_b = int((first & ~second).sum()), int((second & ~first).sum())
    either = only_a + only_b
    p_value = min(1.0, 2 * float(bdtr(min(only_a, only_b), either, 0.5))) if either else None
    return McNemarTest(
        only_a, only_b, n, (only_a - only_b) / n, *_interval(only_a, only_b, n), p_value
    )


def _interval(only_a: int, only_b: int, n: int) -> tuple[float, float]:
    more = n + 4 * _ADDED
    apart, either = only_a - only_b, only_a + only_b + 2 * _ADDED
    reach = _NORMAL_95 * math.sqrt(either - apart**2 / more)
    return max(-1.0, (apart - reach) / more), min(1.0, (apart + reach) / more)


def _answers(which: str, given: ArrayLike) -> NDArray[np.bool_]:
    values = np.asarray(given)
    if values.ndim != 1 or not np.isin(values, (0, 1)).all():
        raise ConfigError(
            f"McNemar's test: the {which} answers must be a list of right (1) and wrong (0); got "
            f"an array of shape {values.shape} and type {values.dtype}"
        )
    return values.astype(np.bool_)
