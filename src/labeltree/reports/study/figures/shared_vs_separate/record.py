"""What the figures read of the study's record."""

from __future__ import annotations

import math
from dataclasses import dataclass

from pydantic import Field

from labeltree.reports.study.record import Part
from labeltree.reports.words import known, short_name

NATURAL, RANDOM = "natural", "random"
EVERYTHING = "all"
_TITLES = {NATURAL: "natural categories", RANDOM: "random groups"}


def title(division: str) -> str:
    """What a division is called in figures."""
    return _TITLES.get(division, short_name(division))


class Row(Part):
    """One category of one division, networks of one seed."""

    division: str
    category: str = ""
    seed: int = 0
    classes: int | None = None
    images: int = 1
    separate_error: float | None = None
    shared_error: float | None = None
    shared_given_error: float | None = None
    leakage: float | None = None

    @property
    def usable(self) -> bool:
        """Whether there is something to draw."""
        return all(map(known, (self.separate_error, self.shared_error, self.leakage)))


class Means(Part):
    """All images of a division, means over the seeds; also the paper's."""

    division: str = ""
    separate_mean: float | None = None
    shared_mean: float | None = None
    shared_given_mean: float | None = None
    leakage_mean: float | None = None
    within_mean: float | None = None
    gained_share: float | None = None
    lost_share: float | None = None


class ClassGain(Part):
    """A class's accuracy in the shared network minus that in its separate one."""

    division: str
    seed: int = 0
    name: str = Field("", alias="class")
    gain: float | None = None


class SharedVsSeparate(Part):
    """The study's own parts."""

    rows: tuple[Row, ...] = ()
    summary: tuple[Means, ...] = ()
    classes: tuple[ClassGain, ...] = ()
    paper: Means = Field(default_factory=Means)

    def means(self, division: str) -> Means:
        """Of a division; empty where it has none."""
        return next((one for one in self.summary if one.division == division), Means())


@dataclass(frozen=True)
class Category:
    """One bar of a figure."""

    name: str
    separate: float
    shared: float
    told: float
    leaked: float

    @property
    def within(self) -> float:
        """Errors that stay within the category."""
        return self.shared - self.leaked


def shown_categories(found: SharedVsSeparate) -> dict[str, list[Category]]:
    """For each division all images together, then its categories, the hardest first.

    Natural categories are means over the seeds. Random groups hold other classes for each seed:
    those of the first one are shown.
    """
    shown = {}
    for division in dict.fromkeys(row.division for row in found.rows if row.usable):
        rows = [row for row in found.rows if row.usable and row.division == division]
        if division == RANDOM:
            rows = [row for row in rows if row.seed == rows[0].seed]
        names = dict.fromkeys(row.category for row in rows)
        each = [_mean(name, [row for row in rows if row.category == name]) for name in names]
        each.sort(key=lambda one: -one.shared)
        shown[division] = [_mean(EVERYTHING, rows), *each]
    return shown


def _mean(name: str, rows: list[Row]) -> Category:
    """Of all images of some rows."""
    images = sum(row.images for row in rows)

    def share(key: str) -> float:
        values = [getattr(row, key) for row in rows]
        if not all(map(known, values)):
            return math.nan
        return sum(value * row.images for value, row in zip(values, rows, strict=True)) / images

    keys = ("separate_error", "shared_error", "shared_given_error", "leakage")
    return Category(short_name(name), *map(share, keys))
