"""What a protection is for, and which one does it best."""

from __future__ import annotations

from labeltree.reports.study.figures.streaming.record import BEFORE, UNPROTECTED, Row
from labeltree.reports.study.figures.streaming.seeds import Seeds, network_of, together

LEAST_CHANGE, LEAST_STREAMING = -2.0, 0.85  # points of top-5 on the original images; top-5 on new
DIGITS = 9  # what is beyond is rounding
BOTH = ("change", "streaming_top5_all")


def by_protection(rows: tuple[Row, ...]) -> dict[tuple[str, str, str], dict[str, Seeds[Row]]]:
    """Of each network what was streamed, by protection; most protections first."""
    found: dict[tuple[str, str, str], dict[str, Seeds[Row]]] = {}
    for one in together(rows, lambda row: (*network_of(row), row.protection)):
        found.setdefault(network_of(one.like), {})[one.like.protection] = one
    return dict(sorted(found.items(), key=lambda item: -len(item[1])))


def reached(one: Seeds[Row]) -> bool:
    """Whether the means of its seeds are in the goal."""
    change, streaming = (round(one.mean(key), DIGITS) for key in BOTH)
    return change >= LEAST_CHANGE and streaming >= LEAST_STREAMING


def best_protection(protections: dict[str, Seeds[Row]]) -> str | None:
    """Of those that reach the goal, else of all, the one that knows most of both sets."""
    protected = [
        one
        for name, one in protections.items()
        if name not in (BEFORE, UNPROTECTED) and one.has(*BOTH)
    ]
    if not protected:
        return None
    return max(protected, key=lambda one: (reached(one), one.mean("both"))).like.protection
