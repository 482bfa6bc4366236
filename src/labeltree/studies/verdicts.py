"""From comparisons to verdicts: what counts as a difference, and what as none.

A difference counts when its corrected p-value is below 0.05. That two do not differ is a claim of
its own, which a large p-value does not support: it counts when the 95 % interval of the difference
lies within half a point of 0, and is refuted when the uncorrected p-value is below 0.05, since a
correction would only make it easier to find none.
"""

from __future__ import annotations

from collections.abc import Sequence

from labeltree.reports.words import p_value, points
from labeltree.studies.comparison import Comparison

SIGNIFICANT = 0.05
EQUAL_WITHIN = 0.005
FEWEST_SEEDS = 3
"""With fewer, what is judged without a test is not judged."""

AGREES, DISAGREES, UNDECIDED = "agrees", "disagrees", "undecided"


def lower(test: Comparison | None) -> str | float | None:
    """Which of the two has the lower error, if that is more than chance explains."""
    if test is None or test.p_corrected is None or test.p_corrected >= SIGNIFICANT:
        return None
    return test.a if test.test.mean_difference < 0 else test.b


def better(test: Comparison | None, claimed: str | float) -> str:
    """Whether `claimed`, one of the two compared, has the lower error."""
    found = lower(test)
    if found is None:
        return UNDECIDED
    return AGREES if found == claimed else DISAGREES


def equal(test: Comparison | None) -> str:
    """Whether the two compared do not differ."""
    if test is None or test.test.p_value is None:
        return UNDECIDED
    if test.test.p_value < SIGNIFICANT:
        return DISAGREES
    within = max(-test.test.low, test.test.high) <= EQUAL_WITHIN
    return AGREES if within else UNDECIDED


def close(test: Comparison | None, within: float) -> str:
    """Whether the two compared differ by at most `within`: a bound that the claim itself names.

    Unlike `equal` it is refuted by a difference that is beyond the bound for sure, not by one that
    is merely there.
    """
    if test is None or test.test.p_value is None:
        return UNDECIDED
    low, high = test.test.low, test.test.high
    if low >= -within and high <= within:
        return AGREES
    return DISAGREES if low > within or high < -within else UNDECIDED


def together(verdicts: Sequence[str]) -> str:
    """One verdict for a claim that several tests decide."""
    if verdicts and all(verdict == AGREES for verdict in verdicts):
        return AGREES
    return DISAGREES if DISAGREES in verdicts else UNDECIDED


def without_a_test(agrees: bool, seeds: int) -> str:
    """The verdict on a claim about means; none with fewer than `FEWEST_SEEDS`."""
    if seeds < FEWEST_SEEDS:
        return UNDECIDED
    return AGREES if agrees else DISAGREES


def told(test: Comparison | None) -> str:
    """The difference with its interval and p-values, to be put after other figures, or nothing."""
    if test is None:
        return ""
    found = test.test
    names = f"{test.words(test.a)} minus {test.words(test.b)}"
    difference = f"; {names}: {points(found.mean_difference)} points"
    if found.p_value is None or test.p_corrected is None:
        return f"{difference} in every pair (not tested)"
    interval = f"{points(found.low)} to {points(found.high)}"
    corrected = p_value(test.p_corrected).removeprefix("p ").removeprefix("= ")
    return (
        f"{difference} (95 % interval {interval}, {p_value(found.p_value)}, corrected {corrected})"
    )
