"""What a protection is there for: learn the new images, and lose little of the old."""

from __future__ import annotations

from labeltree.studies.streaming.results import Key, Results

MOST_LOST = 0.02
"""Of the original top-5."""

LEAST_LEARNED = 0.85
"""Share of the new images whose labels are all among the five most probable."""


def reaches(results: Results, key: Key) -> bool:
    """Whether the means over the seeds do both."""
    lost, learned = _figures(results, key)
    return lost <= MOST_LOST and learned >= LEAST_LEARNED


def best_protection(results: Results, base: Key) -> Key:
    """Of those that do both the one that loses least; if none does, the nearest one.

    The nearest is the one whose greater shortfall, in points of either, is the smallest.
    """

    def short(key: Key) -> tuple[float, float]:
        lost, learned = _figures(results, key)
        return max(lost - MOST_LOST, LEAST_LEARNED - learned, 0.0), lost

    return min(results.protections(base), key=short)


def _figures(results: Results, key: Key) -> tuple[float, float]:
    return -float(results.change(key).mean()), results.mean(key, "streaming_top5_all")
