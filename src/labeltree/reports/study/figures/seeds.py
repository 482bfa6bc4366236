"""Rows that differ in their seed only, taken together, for the figures of any study."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Sized
from dataclasses import dataclass
from statistics import mean, stdev
from typing import Generic, TypeVar

from labeltree.reports.study.record import Part
from labeltree.reports.words import THIN, count, decimal, known, points, spread

R = TypeVar("R", bound=Part)


@dataclass(frozen=True, eq=False)
class Seeds(Generic[R]):
    """One thing that was trained or asked, a row for each seed."""

    rows: tuple[R, ...]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def like(self) -> R:
        """Any row, for what all have in common."""
        return self.rows[0]

    def values(self, key: str) -> list[float]:
        """One figure of all seeds that have it."""
        return [value for row in self.rows if known(value := getattr(row, key))]

    def has(self, *keys: str) -> bool:
        """Whether each of these figures is known of some seed."""
        return all(self.values(key) for key in keys)

    def mean(self, key: str) -> float:
        """Over the seeds; NaN where no seed has it."""
        return mean(values) if (values := self.values(key)) else math.nan

    def deviation(self, key: str) -> float:
        """The standard deviation over the seeds; NaN with fewer than two."""
        return stdev(values) if len(values := self.values(key)) > 1 else math.nan

    def ends(self, key: str) -> tuple[float, float]:
        """One standard deviation to either side of the mean; NaN where it is not known."""
        middle, deviation = self.mean(key), self.deviation(key)
        return middle - deviation, middle + deviation

    def score(self, key: str) -> str:
        """The mean of a fraction with its standard deviation, in words."""
        return spread(self.mean(key), self.deviation(key))

    def step(self, key: str) -> str:
        """The mean of a change in points with its standard deviation, in words."""
        middle, deviation = self.mean(key), self.deviation(key)
        around = f"{THIN}±{THIN}{decimal(deviation, 1)}" if known(deviation) else ""
        return f"{points(middle / 100, 1)}{around}"


def together(rows: Iterable[R], key: Callable[[R], Hashable]) -> list[Seeds[R]]:
    """Rows with the same key, in the order in which each is first met."""
    groups: dict[Hashable, list[R]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return [Seeds(tuple(group)) for group in groups.values()]


def seeds_told(groups: Iterable[Sized], drawn: str) -> str:
    """Over how many seeds the means are; `drawn` says how their deviation is."""
    numbers = sorted({len(one) for one in groups})
    if numbers == [1]:
        return "One seed: nothing tells how much of it is chance."
    several = f"{numbers[0]} to {numbers[-1]}" if len(numbers) > 1 else count(numbers[0])
    return f"Means over {several} seeds{drawn}."
