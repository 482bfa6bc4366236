"""What a protection is for, and which one the study chose."""

from __future__ import annotations

from collections.abc import Mapping

from labeltree.reports.study.figures.seeds import Seeds, together
from labeltree.reports.study.figures.streaming.names import network_of
from labeltree.reports.study.figures.streaming.record import Row

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
    return _short_of(one) == 0


def best_protection(streamed: Mapping[str, Seeds[Row]]) -> str | None:
    """The protection that the study chose, by validation images; None where it chose none."""
    return next((name for name, one in streamed.items() if one.like.best), None)


def _short_of(one: Seeds[Row]) -> float:
    """By how many points the goal is missed."""
    change, streaming = (one.mean(key) for key in BOTH)
    short = max(LEAST_CHANGE - change, 100 * (LEAST_STREAMING - streaming), 0.0)
    return round(short, DIGITS)
