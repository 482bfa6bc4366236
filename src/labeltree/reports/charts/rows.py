"""A row for each thing that is told: what it is, its values, a few words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from labeltree.reports.charts.axis import Axis
from labeltree.reports.words import known

ROOM = 0.05  # of an axis, at either end


@dataclass(frozen=True)
class Difference:
    """A difference with the ends of its interval and a few words; `sure` if it is no accident."""

    label: str
    value: float
    low: float
    high: float
    text: str
    sure: bool


@dataclass(frozen=True)
class Differences:
    """Differences below each other and a line at zero; `sure` and `unsure` name the two kinds."""

    rows: tuple[Difference, ...]
    axis: Axis
    sure: str
    unsure: str
    title: str = ""

    @property
    def reach(self) -> tuple[float, float]:
        """From the lowest to the highest end, zero included, with a little room."""
        return _reach(
            [0.0, *(end for row in self.rows for end in (row.value, row.low, row.high))], 1.0
        )


@dataclass(frozen=True)
class Change:
    """What something was and what it became, with a few words about the step between."""

    label: str
    before: float
    after: float
    text: str


@dataclass(frozen=True)
class Changes:
    """Steps from `before` to `after` below each other; losses and gains are told apart."""

    rows: tuple[Change, ...]
    axis: Axis
    before: str = "before"
    after: str = "after"
    title: str = ""

    @property
    def reach(self) -> tuple[float, float]:
        """From the lowest to the highest value, with a little room; or as the axis says."""
        low, high = _reach((end for row in self.rows for end in (row.before, row.after)), 0.01)
        axis = self.axis
        return low if axis.low is None else axis.low, high if axis.high is None else axis.high

    def kinds(self) -> dict[str, tuple[str, list[tuple[int, Change]]]]:
        """Rows by where their step leads, with their places: the name and colour of each kind."""
        rows = [
            (place, row)
            for place, row in enumerate(self.rows)
            if known(row.before) and known(row.after)
        ]
        kinds = {
            "lower": ("series-2", [one for one in rows if one[1].after < one[1].before]),
            "the same": ("quiet", [one for one in rows if one[1].after == one[1].before]),
            "higher": ("series-1", [one for one in rows if one[1].after > one[1].before]),
        }
        return {f"{self.after}: {name}": kind for name, kind in kinds.items() if kind[1]}


def _reach(ends: Iterable[float], least: float) -> tuple[float, float]:
    there = [end for end in ends if known(end)]
    room = ROOM * (max(there) - min(there)) or least
    return min(there) - room, max(there) + room
