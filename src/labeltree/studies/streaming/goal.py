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
    """Whether the means over the seeds, of the test images, do both."""
    return _short(lost(results, key), results.mean(key, "streaming_top5_all")) == 0


def best_protection(results: Results, base: Key) -> Key:
    """The way of streaming that the validation images choose; what it reaches, test images tell.

    Of those that do both the one that loses least; if none does, the nearest one, whose greater
    shortfall, in points of either, is the smallest. It may be streaming without any protection.
    """

    def by(key: Key) -> tuple[float, float]:
        fallen = round(-results.mean(key, "validation_change"), _DIGITS)
        return _short(fallen, results.mean(key, "validation_top5_all")), fallen

    return min(results.protections(base), key=by)


def _short(fallen: float, learned: float) -> float:
    return round(max(fallen - MOST_LOST, LEAST_LEARNED - learned, 0.0), _DIGITS)
