"""Where a logarithmic axis has its ticks, in the page and on paper."""

from __future__ import annotations

import math

MOST = 8


def log_ticks(low: float, high: float) -> tuple[float, ...]:
    """Round numbers between two positive ones: 1, 2, 5, 10, ..., or powers of ten if too many.

    The two ends where there are fewer than two round numbers.

    >>> log_ticks(4, 120)
    (5.0, 10.0, 20.0, 50.0, 100.0)
    >>> log_ticks(1, 100_000)
    (1.0, 10.0, 100.0, 1000.0, 10000.0, 100000.0)
    >>> log_ticks(3, 4)
    (3, 4)
    """
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for digits in ((1, 2, 5), (1,)):
        # The margin is for rounding: 0.05 is an end itself.
        found = tuple(
            tick
            for power in powers
            for digit in digits
            if low * (1 - 1e-9) <= (tick := float(f"{digit}e{power}")) <= high * (1 + 1e-9)
        )
        if len(found) <= MOST:
            break
    return found if len(found) > 1 else (low, high)


def log_text(tick: float, percent: bool) -> str:
    """A tick in words.

    >>> log_text(20_000.0, percent=False), log_text(0.05, percent=True)
    ('20,000', '5%')
    """
    shown = 100 * tick if percent else tick
    return (f"{shown:,.0f}" if shown >= 1000 else f"{shown:.4g}") + "%" * percent
