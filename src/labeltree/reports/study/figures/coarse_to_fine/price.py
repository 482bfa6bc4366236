"""What a system costs, and the line that flat networks draw over their costs."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from labeltree.reports.study.figures.coarse_to_fine.record import TOP1, Setting


@dataclass(frozen=True)
class Price:
    """One kind of cost.

    Attributes:
        key: of a row.
        scale: what the row's number is divided by.
        label: of the axis.
        unit: behind a number.
    """

    key: str
    scale: float
    label: str
    unit: str

    def of(self, setting: Setting) -> float:
        """The cost of a setting, in the unit of the axis; NaN where it is not known."""
        return setting.mean(self.key) / self.scale

    def told(self, setting: Setting) -> str:
        """The same in words, to three digits at least, without the unit."""
        cost = self.of(setting)
        return f"{cost:,.{max(0, 2 - math.floor(math.log10(cost)))}f}"

    def sorted(self, settings: Iterable[Setting]) -> list[Setting]:
        """The cheapest first."""
        return sorted(settings, key=self.of)


def unbeaten(flats: Iterable[Setting], price: Price) -> list[Setting]:
    """Flat networks that are better than every cheaper one, the cheapest first: the line to beat.

    Of two that cost the same, the better one.
    """
    found: list[Setting] = []
    for one in sorted(flats, key=lambda one: (price.of(one), -one.mean(TOP1))):
        if not found or one.mean(TOP1) > found[-1].mean(TOP1):
            found.append(one)
    return found


def above(setting: Setting, line: list[Setting], price: Price) -> bool | None:
    """Whether a setting lies above the line as it is drawn; None beyond the line's ends."""
    cost = price.of(setting)
    for left, right in pairwise(line):
        low, high = price.of(left), price.of(right)
        if low <= cost <= high:
            part = math.log(cost / low) / math.log(high / low)
            height = left.mean(TOP1) + part * (right.mean(TOP1) - left.mean(TOP1))
            return setting.mean(TOP1) > height
    return None
