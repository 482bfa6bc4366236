"""What the figures read of the study's record: the rows of a system, taken together over seeds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import mean, stdev

from labeltree.reports.record import Json
from labeltree.reports.study.record import Part, parse
from labeltree.reports.words import known, printable, short_name, spread

TOP1 = "top1"
_FIRST, _LAST = "hard", "soft"


class Row(Part):
    """One system, trained with one seed and asked with one routing."""

    system: str = ""
    kind: str = ""
    grouping: str = ""
    misrouted: str = ""
    routing: str = ""
    seed: int = 0
    top1: float | None = None
    top3: float | None = None
    router_accuracy: float | None = None
    oracle_top1: float | None = None
    router_error_share: float | None = None
    seconds: float | None = None
    memory_mb: float | None = None
    macs: float | None = None
    images_per_second: float | None = None

    @property
    def error(self) -> float | None:
        """The share of images that it gets wrong."""
        return 1 - self.top1 if known(self.top1) else None

    @property
    def caused(self) -> float | None:
        """Errors of the router: those that an oracle in its place would have got right."""
        error, share = self.error, self.router_error_share
        if self.routing and error == 0:
            return 0.0  # and so no share
        return error * share if known(error) and known(share) else None

    @property
    def remaining(self) -> float | None:
        """Errors that an oracle router makes, too."""
        error, caused = self.error, self.caused
        return error - caused if known(error) and known(caused) else None


class _Record(Part):
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, eq=False)
class Setting:
    """A system as it was trained and is asked, a row for each seed."""

    rows: tuple[Row, ...]

    @property
    def like(self) -> Row:
        """Any row, for what all have in common."""
        return self.rows[0]

    @property
    def system(self) -> str:
        """The system, however it was trained: its name, without that of the way."""
        name, way = self.like.system, self.like.misrouted
        return name.removesuffix(f", {way}") if way else name

    @property
    def name(self) -> str:
        """The system's, without the name of its grouping."""
        whole, grouping = self.system, self.like.grouping
        inside = whole.removeprefix(grouping).lstrip(" ,:") if grouping else ""
        return short_name(inside or whole)

    @property
    def way(self) -> str:
        """What became of misrouted training images."""
        return short_name(self.like.misrouted)

    @property
    def told(self) -> str:
        """All that tells it from other settings, in words."""
        way = f" ({self.way})" if self.way else ""
        routing = f", {self.like.routing}" if self.like.routing else ""
        return f"{printable(self.system)}{way}{routing}"

    def values(self, key: str) -> list[float]:
        """One figure of all seeds that have it."""
        return [value for row in self.rows if known(value := getattr(row, key))]

    def mean(self, key: str) -> float:
        """Over the seeds; NaN where no seed has it."""
        return mean(values) if (values := self.values(key)) else math.nan

    def deviation(self, key: str) -> float:
        """The standard deviation over the seeds; NaN with fewer than two."""
        return stdev(values) if len(values := self.values(key)) > 1 else math.nan

    def reach(self, key: str) -> tuple[float, float]:
        """One standard deviation to either side of the mean; NaN where it is not known."""
        middle, deviation = self.mean(key), self.deviation(key)
        return middle - deviation, middle + deviation

    def score(self, key: str) -> str:
        """The mean of a fraction with its standard deviation, in words."""
        return spread(self.mean(key), self.deviation(key))

    def has(self, key: str) -> bool:
        """Whether some seed has this figure."""
        return bool(self.values(key))


def settings_of(record: Json) -> list[Setting]:
    """Rows that differ in the seed only, together; in the order of the record.

    The routings of a system stand from the hardest to the softest.
    """
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in parse(_Record, record).rows:
        key = (row.kind, row.grouping, row.system, row.misrouted, row.routing)
        groups.setdefault(key, []).append(row)
    systems = list(dict.fromkeys(key[:-1] for key in groups))
    return [
        Setting(tuple(groups[key]))
        for key in sorted(groups, key=lambda key: (systems.index(key[:-1]), softness(key[-1])))
    ]


def softness(routing: str) -> float:
    """How many experts an image is sent to.

    >>> sorted(["soft", "top-10", "hard", "top-2"], key=softness)
    ['hard', 'top-2', 'top-10', 'soft']
    """
    experts = routing.removeprefix("top-")
    if experts.isdigit():
        return int(experts)
    return {_FIRST: 1, _LAST: math.inf}.get(routing, math.inf)
