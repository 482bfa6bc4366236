"""Whether one model is more accurate than another, as far as the tests tell."""

from __future__ import annotations

from collections.abc import Sequence

from labeltree.comparison.pairs import MCNEMAR, T, Test
from labeltree.reports.words import p_value, plural

SIGNIFICANT = 0.05
"""A difference counts as more than chance if its corrected p-value is below."""

FEWEST_SEEDS = 3
"""With fewer, the t-test does not decide: of two pairs it finds next to nothing."""


def deciding(tests: Sequence[Test], a: str, b: str) -> Test | None:
    """The test that decides between two models: that over seeds, of at least `FEWEST_SEEDS`.

    Else the one over images, which speaks of two trained networks only. None where neither could
    be made, because the two were tested on different images.
    """
    both = [test for test in tests if {test["a"], test["b"]} == {a, b}]
    over_seeds = [
        test
        for test in both
        if test["kind"] == T and test["n"] >= FEWEST_SEEDS and test["p_corrected"] is not None
    ]
    over_images = [test for test in both if test["kind"] == MCNEMAR]
    return next(iter(over_seeds + over_images), None)


def surely_worse(tests: Sequence[Test], model: str, than: str) -> bool:
    """Whether a model is less accurate than another by more than chance explains."""
    test = deciding(tests, model, than)
    if test is None or test["p_corrected"] is None or test["p_corrected"] >= SIGNIFICANT:
        return False
    lead = test["difference"] if test["a"] == than else -test["difference"]
    return bool(lead > 0)


def told(tests: Sequence[Test], better: str, worse: str) -> str:
    """What the test says of the lead of one model over another, in words."""
    test = deciding(tests, better, worse)
    if test is None:
        return "not tested, since no two of their runs had the same test images"
    if test["p_corrected"] is None:
        images = plural(test["n"], "test image")
        return f"not tested, since none of {images} is answered rightly by just one of them"
    if surely_worse(tests, worse, better):
        verdict = "more than chance explains"
    elif surely_worse(tests, better, worse):
        verdict = "though the runs that can be paired say the opposite"
    else:
        verdict = "which chance alone may explain"
    return f"{verdict} ({_name(test)}, {p_value(test['p_corrected'])})"


def _name(test: Test) -> str:
    if test["kind"] == T:
        return f"t-test over {plural(test['n'], 'seed')}"
    return "McNemar's test of two networks"
