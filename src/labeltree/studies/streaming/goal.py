"""What a protection is there for: learn the new images, and lose little of the old."""

from __future__ import annotations

from labeltree.studies.streaming.results import Key, Results

MOST_LOST = 0.02
"""Of the original top-5."""

LEAST_LEARNED = 0.85
"""Share of the new images whose labels are all among the five most probable."""

_DIGITS = 9  # what is beyond is rounding


def lost(results: Results, key: Key) -> float:
    """How much of the original top-5 is lost, the mean over the seeds; below 0 if it rose."""
    return round(-float(results.change(key).mean()), _DIGITS)


def reaches(results: Results, key: Key) -> bool:
    """Whether the means over the seeds do both."""
    return _shortfall(results, key) == 0


def best_protection(results: Results, base: Key) -> Key:
    """Of those that do both the one that loses least; if none does, the nearest one.

    The nearest is the one whose greater shortfall, in points of either, is the smallest. It may be
    streaming without any protection.
    """
    return min(
        results.protections(base), key=lambda key: (_shortfall(results, key), lost(results, key))
    )


def _shortfall(results: Results, key: Key) -> float:
    learned = results.mean(key, "streaming_top5_all")
    short = max(lost(results, key) - MOST_LOST, LEAST_LEARNED - learned, 0.0)
    return round(short, _DIGITS)
