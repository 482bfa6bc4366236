"""Points over two axes that have names."""

from __future__ import annotations

import math
from dataclasses import dataclass

from labeltree.reports.charts.axis import Axis, Shape
from labeltree.reports.words import known

UNKNOWN = (math.nan, math.nan)
ROOM = 0.07  # of an axis, at either end
CROWD = 8  # names from which a chart wants more room


@dataclass(frozen=True)
class Dot:
    """One point: its name stands beside it, `text` is told to who points at it.

    `x_ends` and `y_ends` say how far it varies.
    """

    x: float
    y: float
    name: str = ""
    text: str = ""
    x_ends: tuple[float, float] = UNKNOWN
    y_ends: tuple[float, float] = UNKNOWN


@dataclass(frozen=True)
class Dots:
    """Points of one kind; one without a name is not in the legend.

    `joined` draws a line through them, in their order. `faint` ones are there to compare with:
    open, pale, and without names beside them.
    """

    name: str
    dots: tuple[Dot, ...]
    role: str
    shape: Shape = "circle"
    joined: bool = False
    faint: bool = False


@dataclass(frozen=True)
class Goal:
    """Where points should lie: at `x` and `y` or beyond. `text` stands in the corner above `x`."""

    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Scatter:
    """Points with names, as many as find room: the others are told by pointing at them.

    The axes reach as far as the points, and the goal's corner. An axis that crosses zero has a
    line there.
    """

    series: tuple[Dots, ...]
    x: Axis
    y: Axis
    goal: Goal | None = None
    title: str = ""

    @property
    def crowded(self) -> bool:
        """Whether many points have names."""
        names = [dot.name for one in self.series if not one.faint for dot in one.dots]
        return sum(map(bool, names)) > CROWD

    def reach(self, which: str) -> tuple[float, float]:
        """The ends of the axis `which`, "x" or "y"."""
        axis = getattr(self, which)
        ends = [getattr(self.goal, which)] if self.goal else []
        for one in self.series:
            for dot in one.dots:
                ends += [getattr(dot, which), *getattr(dot, f"{which}_ends")]
        there = [end for end in ends if known(end) and (end > 0 or not axis.log)]
        if axis.log:
            room = (max(there) / min(there)) ** ROOM if max(there) > min(there) else 1.1
            return min(there) / room, max(there) * room
        room = ROOM * (max(there) - min(there)) or abs(there[0]) * ROOM or 1.0
        return min(there) - room, max(there) + room

    def place(self, which: str, value: float) -> float:
        """Where a value lies on an axis: 0 at its lower end, 1 at its upper one."""
        low, high = self.reach(which)
        if getattr(self, which).log:
            low, high, value = math.log(low), math.log(high), math.log(value)
        return (value - low) / (high - low)
