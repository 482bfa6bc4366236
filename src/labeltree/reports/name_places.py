"""Where the names of points stand so that they hide neither each other nor a point.

The page's figures are as wide as the window: a name gets a place that is free at every width.
Boxes are `(left, bottom, right, top)`, each a share of the frame and a shift from there.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from labeltree.reports.charts import Dot, Scatter
from labeltree.reports.words import known

Boxes = NDArray[np.float64]

STEPS = 12  # boxes along a line
DIRECTIONS = 16
NEAR = 8  # places beside a point; their costs are lower than those of far ones
DETOUR = 20.0  # what it costs a name to cross a line: more than to stand somewhat apart
ROUNDS = 3


class Place(NamedTuple):
    """Where a name's middle stands: to the right of its point and above it.

    `far`: a line must lead from the one to the other.
    """

    dot: Dot
    right: float
    up: float
    far: bool


@dataclass(frozen=True)
class Sizes:
    """How large things are: the width of a letter, the height of a line, a marker's half."""

    letter: float
    line: float
    marker: float

    def box(self, text: str) -> tuple[float, float]:
        """Width and height of a name."""
        return self.letter * len(text), self.line


def name_places(chart: Scatter, frames: Sequence[tuple[float, float]], sizes: Sizes) -> list[Place]:
    """Places for as many names as there is room for.

    Args:
        chart: its faint points have no names.
        frames: widths and heights that the axes may have; a place suits all.
        sizes: in the same unit.
    """
    room = _Room(chart, np.array(frames, dtype=np.float64), sizes)
    named = [dot for one in chart.series if not one.faint for dot in one.dots]
    named = [dot for dot in named if dot.name and room.at(dot.x, dot.y)]
    order = sorted(range(len(named)), key=lambda number: -room.neighbours(named[number]))
    found: dict[int, _Settled] = {}
    for _ in range(ROUNDS):  # after the first, each may move to where the others left room
        for number in order:
            found.pop(number, None)
            if settled := room.settle(named[number], found.values()):
                found[number] = settled
    return [found[number].place for number in sorted(found)]


class _Settled(NamedTuple):
    place: Place
    box: Boxes
    way: Boxes  # from the point to a name that is far


class _Room:
    """What is taken: by points (`hard`), by lines that a name should not cross (`soft`)."""

    def __init__(self, chart: Scatter, frames: Boxes, sizes: Sizes) -> None:
        self.chart, self.frames, self.sizes = chart, frames, sizes
        half = sizes.marker
        points = [at for one in chart.series for dot in one.dots if (at := self.at(dot.x, dot.y))]
        self.points = np.array(points)
        self.hard = self._boxes([_box(*point, half, half) for point in points])
        self.soft = self._boxes([*self._lines(), *self._zeros()])
        self.goal = self._boxes([])
        if chart.goal:
            width, height = sizes.box(chart.goal.text)
            left = chart.place("x", chart.goal.x)
            corner = [left, 1.0, left, 1.0, 0.0, -height - half, width + half, 0.0]
            self.goal = self._boxes([corner])

    def neighbours(self, dot: Dot) -> int:
        """How many points are near."""
        distances = np.abs(self.points - np.array(self.at(dot.x, dot.y))) * self.frames[0]
        return int((distances < (10 * self.sizes.letter, 2 * self.sizes.line)).all(axis=1).sum())

    def settle(self, dot: Dot, others: Collection[_Settled]) -> _Settled | None:
        """The best free place for a name beside all others that have theirs."""
        at = self.at(dot.x, dot.y)
        assert at is not None
        width, height = self.sizes.box(dot.name)
        names = np.concatenate([self.goal, *(other.box for other in others)], axis=1)
        lines = np.concatenate([self.soft, *(other.way for other in others)], axis=1)
        hard = np.concatenate([self.hard, names], axis=1)
        away = np.abs(self.points - np.array(at)).max(axis=1) > 1e-9
        not_own = np.concatenate([self.hard[:, away], names], axis=1)
        best: tuple[float, _Settled] | None = None
        for right, up, cost in self._candidates(width, height):
            if best and cost >= best[0]:
                break  # they come by their cost
            far = cost > NEAR
            box = self._boxes([_box(*at, width / 2, height / 2, right, up)])
            way = self._boxes(_along(at, at, right, up)[STEPS // 4 :] if far else [])
            inside = (box[..., :2] >= 0).all() and (box[:, 0, 2:] <= self.frames).all()
            if inside and not _meetings(box, hard) and not _meetings(way, not_own):
                cost += DETOUR * (_meetings(box, lines) + _meetings(way, lines))
                if best is None or cost < best[0]:
                    best = cost, _Settled(Place(dot, right, up, far), box, way)
        return best[1] if best else None

    def _candidates(self, width: float, height: float) -> Iterator[tuple[float, float, float]]:
        """Places around a point, each with its cost: beside it, then farther and farther."""
        beside, above = self.sizes.marker + width / 2, self.sizes.marker + height / 2
        near = [(1, 0), (-1, 0), (0, 1), (0, -1), (1, 0.8), (1, -0.8), (-1, 0.8), (-1, -0.8)]
        for cost, (side, level) in enumerate(near):
            yield 1.04 * side * beside, level * above, cost
        for ring in (2, 3, 4, 5.5):
            for number in range(DIRECTIONS):
                angle = 2 * math.pi * number / DIRECTIONS
                reach = ring * self.sizes.line
                x, y = math.cos(angle), math.sin(angle)
                sides = (width / 2) * float(np.sign(round(x, 6))) * min(1.0, 2 * abs(x))
                yield x * reach + sides, y * reach, NEAR * ring

    def at(self, x: float, y: float) -> tuple[float, float] | None:
        """Where something lies; None where the axes do not reach."""
        for axis, value in ((self.chart.x, x), (self.chart.y, y)):
            if not known(value) or (axis.log and value <= 0):
                return None
        return self.chart.place("x", x), self.chart.place("y", y)

    def _lines(self) -> Iterator[list[float]]:
        """The boxes of how far points vary, and of the lines through joined ones."""
        for one in self.chart.series:
            for dot in one.dots if not one.faint else ():
                across = [self.at(end, dot.y) for end in dot.x_ends]
                upwards = [self.at(dot.x, end) for end in dot.y_ends]
                for start, end in (across, upwards):
                    if start and end:
                        yield [*start, *end, 0.0, 0.0, 0.0, 0.0]
            for before, after in pairwise(one.dots if one.joined else ()):
                start, end = self.at(before.x, before.y), self.at(after.x, after.y)
                if start and end:
                    yield from _along(start, end)

    def _zeros(self) -> Iterator[list[float]]:
        for which, box in (("x", [0.0, 0.0, 0.0, 1.0]), ("y", [0.0, 0.0, 1.0, 0.0])):
            low, high = self.chart.reach(which)
            if low < 0 < high:
                box["xy".index(which)] = box["xy".index(which) + 2] = self.chart.place(which, 0)
                yield [*box, -0.5, -0.5, 0.5, 0.5]

    def _boxes(self, boxes: Sequence[Sequence[float]]) -> Boxes:
        """Their corners in every frame, shape `(frames, boxes, 4)`."""
        array = np.array(boxes, dtype=np.float64).reshape(-1, 8)
        return array[None, :, :4] * np.tile(self.frames, 2)[:, None] + array[None, :, 4:]


def _box(
    x: float, y: float, wide: float, high: float, right: float = 0.0, up: float = 0.0
) -> list[float]:
    """A box about a point, moved; `wide` and `high` are half its sides."""
    return [x, y, x, y, right - wide, up - high, right + wide, up + high]


def _along(
    start: tuple[float, float], end: tuple[float, float], right: float = 0.0, up: float = 0.0
) -> list[list[float]]:
    """Small boxes along a line whose end is moved."""
    parts = [(step + 0.5) / STEPS for step in range(STEPS)]
    return [
        _box(
            start[0] + part * (end[0] - start[0]),
            start[1] + part * (end[1] - start[1]),
            0.5,
            0.5,
            part * right,
            part * up,
        )
        for part in parts
    ]


def _meetings(some: Boxes, others: Boxes) -> int:
    """How many of the others overlap with one of these in some frame."""
    one, other = some[:, :, None], others[:, None]
    apart = (one[..., :2] >= other[..., 2:]) | (one[..., 2:] <= other[..., :2])
    return int((~apart.any(axis=-1)).any(axis=0).any(axis=0).sum())
