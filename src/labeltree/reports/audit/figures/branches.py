"""How much of each branch goes wrong, within it and by leaking: table 4 of 000, generalised."""

from __future__ import annotations

import math
from collections.abc import Iterator

from labeltree.reports.audit.figures.accounting import LEAKED, LEAKED_ROLE, WITHIN, WITHIN_ROLE
from labeltree.reports.audit.folder import AuditFolder
from labeltree.reports.audit.record import Branch, Level
from labeltree.reports.charts import Axis, Bars, BarSeries, Figure, Table
from labeltree.reports.words import count, known, listed, percent, printable, shorten

MOST_BARS = 40
LONGEST_NAME = 30


def branches(audit: AuditFolder) -> Iterator[Figure]:
    """For each level, its worst branches; nothing for a level without a mistake.

    Source: 000, tables 3 and 4 (the error of each category, and what leaks out of it).
    """
    for level in audit.record.levels:
        wrong = [one for one in level.branches if one.error]
        if wrong:
            title = f"What goes wrong in each branch{audit.at(level)}"
            yield _figure(audit, level, title, wrong[:MOST_BARS])


def _figure(audit: AuditFolder, level: Level, title: str, worst: list[Branch]) -> Figure:
    named = [f"{audit.said(b.path)} ({percent(b.leaked)})" for b in worst[:3] if b.leaked]
    lead = f"Most leaks out of {listed(named)}." if named else "Nothing leaks out of any."
    return Figure(
        name=f"branches_{level.depth}",
        title=title,
        lead=lead,
        alt=f"Bars: wrong answers of {len(worst)} branches, within each and leaked out of it, the "
        f"leakiest first. {lead}",
        panels=(
            Bars(
                categories=tuple(shorten(audit.label(b.path), LONGEST_NAME) for b in worst),
                series=(
                    BarSeries(WITHIN, _values([b.within for b in worst]), WITHIN_ROLE),
                    BarSeries(LEAKED, _values([b.leaked for b in worst]), LEAKED_ROLE),
                ),
                axis=Axis("of the images of the branch", 0, percent=True),
                stacked=True,
            ),
        ),
        table=_table(level),
        note="In the order of what surely leaks: of few images, a large share proves little.",
    )


def _values(shares: list[float | None]) -> tuple[float, ...]:
    return tuple(share if known(share) else math.nan for share in shares)


def _table(level: Level) -> Table:
    rows = tuple(
        (
            printable(one.path),
            count(one.images),
            *(percent(share) for share in (one.error, one.within, one.leaked)),
        )
        for one in level.branches
    )
    left_out = max(0, (level.categories or 0) - len(rows))
    return Table(("label", "images", "wrong", "within", "leaked"), rows, 1, left_out)
