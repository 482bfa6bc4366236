"""Models that no other beats in accuracy and cost at once."""

from __future__ import annotations

from collections.abc import Sequence


def front(costs: Sequence[float], scores: Sequence[float]) -> list[int]:
    """Positions of those that are not dominated, the cheapest first.

    One is dominated if another costs no more and scores no less, and is better in one of the two.

    Args:
        costs: less is better.
        scores: more is better.

    >>> front([1, 2, 2, 3], [0.8, 0.7, 0.9, 0.9])
    [0, 2]
    """
    kept: list[int] = []
    for place in sorted(range(len(costs)), key=lambda place: (costs[place], -scores[place])):
        if (
            not kept
            or scores[place] > scores[kept[-1]]
            or (costs[place], scores[place]) == (costs[kept[-1]], scores[kept[-1]])
        ):
            kept.append(place)
    return kept
