"""Figures in words, alike in the tables and findings of every study."""

from __future__ import annotations


def percent(share: float) -> str:
    """A share as percentage.

    >>> percent(0.3337)
    '33.37 %'
    """
    return f"{100 * share:.2f} %"


def points(share: float | None) -> str:
    """A difference of two shares in percentage points.

    >>> points(-0.0123), points(-1e-9)
    ('−1.23 points', '+0.00 points')
    """
    if share is None:
        return "unknown"
    return f"{round(100 * share, 2) + 0.0:+.2f} points".replace("-", "−")  # no negative zero


def mean_and_sd(mean: float, sd: float | None) -> str:
    """A share with its standard deviation, in percent.

    >>> mean_and_sd(0.3337, 0.0021), mean_and_sd(0.3337, None)
    ('33.37 ± 0.21 %', '33.37 %')
    """
    return percent(mean) if sd is None else f"{100 * mean:.2f} ± {100 * sd:.2f} %"


def number(value: float) -> str:
    """As few digits as it needs.

    >>> number(1.0), number(0.7)
    ('1', '0.7')
    """
    return f"{value:g}"


def p_value(p: float | None) -> str:
    """A corrected p-value; None where pairs do not vary.

    >>> p_value(0.0004), p_value(0.03), p_value(None)
    ('p < 0.001', 'p = 0.030', 'not tested')
    """
    if p is None:
        return "not tested"
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
