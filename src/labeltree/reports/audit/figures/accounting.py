"""The accounting: every wrong answer is within its branch or leaked, and the two add up."""

from __future__ import annotations

import math
from collections.abc import Iterator

from labeltree.reports.audit.folder import AuditFolder
from labeltree.reports.audit.record import Accounting
from labeltree.reports.charts import Axis, Bars, BarSeries, Figure, Table
from labeltree.reports.words import count, known, listed, percent, short_name

WITHIN, LEAKED = "within its branch", "leaked into another"
WITHIN_ROLE, LEAKED_ROLE = "series-1", "series-2"


def accounting(audit: AuditFolder) -> Iterator[Figure]:
    """Total = within + between at every level; nothing where no level has branches, or no mistake.

    Source: 000, section 2.2.1 (18.28 % = 15.92 % + 2.36 %).
    """
    rows = [one for one in audit.record.accounting if known(one.within) and known(one.between)]
    if not any(one.total for one in rows):
        return
    which = f"At {short_name(rows[0].level)}: " if len(rows) > 1 else ""
    yield Figure(
        name="accounting",
        title="Where the wrong answers go",
        lead=f"{which}{_sum(rows[0])}{_images(rows[0])}",
        alt=f"Bars: {listed(_words(one) for one in rows)}.",
        panels=(
            Bars(
                categories=tuple(short_name(one.level) for one in rows),
                series=(
                    BarSeries(WITHIN, _values([one.within for one in rows]), WITHIN_ROLE),
                    BarSeries(LEAKED, _values([one.between for one in rows]), LEAKED_ROLE),
                ),
                axis=Axis("images answered with a wrong class", 0, percent=True),
                stacked=True,
            ),
        ),
        table=_table(rows),
        note="What leaks confuses branches that should look different: that is a matter of labels, "
        "of the tree, or of images that show both. What stays within is a choice between alike "
        "classes: more or sharper images help.",
    )


def _values(shares: list[float | None]) -> tuple[float, ...]:
    return tuple(share if known(share) else math.nan for share in shares)


def _sum(one: Accounting) -> str:
    return (
        f"{percent(one.total)} wrong = {percent(one.within)} within the right branch + "
        f"{percent(one.between)} leaked into another."
    )


def _images(one: Accounting) -> str:
    found = one.counts
    if found.images is None or found.wrong is None:
        return ""
    return (
        f" In images: {count(found.wrong)} of {count(found.images)} = {count(found.within)} + "
        f"{count(found.between)}."
    )


def _words(one: Accounting) -> str:
    return (
        f"{short_name(one.level)}: {percent(one.within)} within, {percent(one.between)} leaked, "
        f"{percent(one.total)} in all"
    )


def _table(rows: list[Accounting]) -> Table:
    return Table(
        ("level", "images", "wrong", "within", "leaked", "wrong", "within", "leaked"),
        tuple(
            (
                short_name(one.level),
                *(count(getattr(one.counts, key)) for key in ("images", "wrong", "within")),
                count(one.counts.between),
                *(percent(share, 2) for share in (one.total, one.within, one.between)),
            )
            for one in rows
        ),
    )
