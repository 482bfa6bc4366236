"""Which differences are more than chance: paired t-tests over the seeds, of any study."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

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
ERRORS = (
    "A dot is the mean over the seeds of the first one's error minus the second one's: right of "
    "zero, the second is better."
)


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
        """What is compared at several α is drawn where the levels agree."""
        return known(self.mean_difference) and (self.alpha is None or math.isclose(self.alpha, 1.0))


class _Record(Part):
    tests: tuple[Comparison, ...] = ()


def significance_of(
    kinds: Mapping[str, str], reading: str = ERRORS
) -> Callable[[Json], Figure | None]:
    """The figure of a study whose record has `tests`.

    Args:
        kinds: those that are drawn, in this order, and what their panels are called; the table
            holds all.
        reading: what a dot is.
    """

    def significance(record: Json) -> Figure | None:
        """A panel per network, kind of comparison and level; None without tests."""
        tests = parse(_Record, record).tests
        drawn = [test for test in tests if test.drawn and test.kind in kinds]
        if not drawn:
            return None
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
            panels=_panels(drawn, kinds),
            table=_table(tests),
            note=f"{reading} Its interval holds the true difference in 95 of 100 such studies "
            "(paired t-test, before correction); p is corrected for the number of comparisons.",
        )

    return significance


def _panels(tests: list[Comparison], kinds: Mapping[str, str]) -> tuple[Differences, ...]:
    """Networks, then kinds, then levels, each in the order of the record."""
    networks, levels = (list(dict.fromkeys(getattr(t, key) for t in tests)) for key in _TOLD)
    found = []
    for network in networks:
        for kind, words in kinds.items():
            for level in levels:
                mine = [t for t in tests if (t.network, t.kind, t.level) == (network, kind, level)]
                names = [
                    short_name(name)
                    for name, several in ((network, len(networks)), (level, len(levels)))
                    if several > 1
                ]
                if mine:
                    found.append(_draw(mine, ", ".join(filter(None, (*names, words)))))
    return tuple(found)


_TOLD = ("network", "level")


def _draw(tests: list[Comparison], title: str) -> Differences:
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
        title=title,
    )


def _name(test: Comparison) -> str:
    first, second = test.a, test.b
    where, colon, what = first.partition(": ")
    if colon and second.startswith(where + colon):  # "natural: shared" and "natural: separate"
        first, second = what, second.removeprefix(where + colon)
    else:
        where = test.variant
    difference = f"{short_name(first)} − {short_name(second)}"
    return f"{short_name(where)}: {difference}" if where else difference


def _sureness(test: Comparison) -> str:
    """The corrected p-value; without one the pairs do not vary."""
    if test.p_value is None:
        return "same" if test.mean_difference == 0 else "not tested"
    return p_value(test.p_corrected)


def _scaled(value: float | None) -> float:
    return math.nan if value is None else 100 * value


def _table(tests: tuple[Comparison, ...]) -> Table:
    """All tests; columns of text that no test fills are left out."""
    texts = {
        "network": [test.network for test in tests],
        "level": [test.level for test in tests],
        "kind": [test.kind for test in tests],
        "difference": [_name(test) for test in tests],
    }
    figures = {
        "α": [compact(test.alpha) for test in tests],
        "points": [points(test.mean_difference) for test in tests],
        "95 % interval": [_interval(test) for test in tests],
        "effect size (d)": [decimal(test.effect_size, 2) for test in tests],
        "p": [p_value(test.p_value) for test in tests],
        "p, corrected": [p_value(test.p_corrected) for test in tests],
        "pairs": [count(test.n) for test in tests],
    }
    texts = {head: cells for head, cells in texts.items() if any(cells)}
    if set(figures["α"]) == {MISSING}:
        del figures["α"]
    columns = texts | figures
    rows = tuple(zip(*columns.values(), strict=True))[:MOST_TABLE_ROWS]
    return Table(tuple(columns), rows, len(texts), left_out=len(tests) - len(rows))


def _interval(test: Comparison) -> str:
    return f"{points(test.low)} … {points(test.high)}" if known(test.low) else MISSING
