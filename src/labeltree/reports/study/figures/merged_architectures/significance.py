"""Which differences are more than chance: paired t-tests over the seeds."""

from __future__ import annotations

import math

from labeltree.reports.charts import Axis, Difference, Differences, Figure, Table
from labeltree.reports.record import Json
from labeltree.reports.study.record import Part, parse
from labeltree.reports.words import (
    MISSING,
    compact,
    count,
    decimal,
    known,
    p_value,
    points,
    short_name,
    shorten,
)

SURE = 0.05
MOST_TABLE_ROWS = 1000
LONGEST_LABEL = 40
KINDS = {"variants": "between variants, α = 1", "alphas": "between values of α"}


class Comparison(Part):
    """The error of `a` minus that of `b`, over pairs of one seed."""

    network: str = ""
    kind: str = "variants"
    a: str
    b: str
    variant: str = ""
    level: str = ""
    alpha: float | None = None
    mean_difference: float | None = None
    low: float | None = None
    high: float | None = None
    effect_size: float | None = None
    p_value: float | None = None
    p_corrected: float | None = None
    n: int | None = None

    @property
    def sure(self) -> bool:
        """Whether the difference remains when many are looked at."""
        return known(self.p_corrected) and self.p_corrected < SURE

    @property
    def drawn(self) -> bool:
        """Variants are compared where they are adapted; α, where it is 0, 1 or 2."""
        adapted = self.alpha is None or math.isclose(self.alpha, 1.0)
        return (
            self.kind in KINDS
            and known(self.mean_difference)
            and (self.kind != "variants" or adapted)
        )


class _Record(Part):
    tests: tuple[Comparison, ...] = ()


def significance(record: Json) -> Figure | None:
    """A panel per network, kind of comparison and level; None without tests."""
    tests = parse(_Record, record).tests
    drawn = [test for test in tests if test.drawn]
    if not drawn:
        return None
    several = len({test.network for test in drawn}) > 1
    sure = sum(test.sure for test in drawn)
    lead = (
        f"{count(sure)} of the {count(len(drawn))} differences drawn here are more than chance "
        f"explains (p < {compact(SURE)} after correction)."
    )
    return Figure(
        name="significance",
        title="Which differences are more than chance",
        lead=lead,
        alt=f"Dots with intervals: differences in error. {lead}",
        panels=tuple(_draw(group, several) for group in _groups(drawn)),
        table=_table(tests),
        note="A dot is the mean over the seeds of the first one's error minus the second one's: "
        "right of zero, the second is better. Its interval holds the true difference in 95 of 100 "
        "such studies (paired t-test, before correction); p is corrected for the number of "
        "comparisons.",
    )


def _groups(tests: list[Comparison]) -> list[list[Comparison]]:
    """Tests by panel: networks, then kinds, then levels, each in the order of the record."""
    networks, levels = ({getattr(t, key): None for t in tests} for key in ("network", "level"))
    found = (
        [t for t in tests if (t.network, t.kind, t.level) == (network, kind, level)]
        for network in networks
        for kind in KINDS
        for level in levels
    )
    return [group for group in found if group]


def _draw(tests: list[Comparison], several: bool) -> Differences:
    first = tests[0]
    network = short_name(first.network) if several else ""
    parts = (network, short_name(first.level), KINDS[first.kind])
    return Differences(
        rows=tuple(
            Difference(
                label=shorten(_name(test), LONGEST_LABEL),
                value=100 * (test.mean_difference or 0),
                low=_scaled(test.low),
                high=_scaled(test.high),
                text=_sureness(test),
                sure=test.sure,
            )
            for test in tests
        ),
        axis=Axis("difference in error, percentage points"),
        sure="more than chance",
        unsure="may be chance",
        title=", ".join(filter(None, parts)),
    )


def _name(test: Comparison) -> str:
    difference = f"{short_name(test.a)} − {short_name(test.b)}"
    return f"{short_name(test.variant)}: {difference}" if test.variant else difference


def _sureness(test: Comparison) -> str:
    """The corrected p-value; without one the pairs do not vary."""
    if test.p_value is None:
        return "same" if test.mean_difference == 0 else "not tested"
    return p_value(test.p_corrected)


def _scaled(value: float | None) -> float:
    return math.nan if value is None else 100 * value


def _table(tests: tuple[Comparison, ...]) -> Table:
    rows = tuple(
        (
            test.network,
            test.level,
            test.kind,
            _name(test),
            compact(test.alpha),
            points(test.mean_difference),
            f"{points(test.low)} … {points(test.high)}" if known(test.low) else MISSING,
            decimal(test.effect_size, 2),
            p_value(test.p_value),
            p_value(test.p_corrected),
            count(test.n),
        )
        for test in tests[:MOST_TABLE_ROWS]
    )
    head = ("network", "level", "kind", "difference", "α", "points", "95 % interval")
    measures = ("effect size (d)", "p", "p, corrected", "pairs")
    return Table((*head, *measures), rows, 4, left_out=len(tests) - len(rows))
