"""Where the shared network errs, category by category: table 4."""

from __future__ import annotations

from labeltree.reports.charts import Axis, Bars, BarSeries, Figure, Table
from labeltree.reports.record import Json
from labeltree.reports.study.figures.shared_vs_separate.record import (
    Category,
    Means,
    SharedVsSeparate,
    shown_categories,
    title,
)
from labeltree.reports.study.record import parse
from labeltree.reports.words import known, percent


def leakage(record: Json) -> Figure | None:
    """Shared error = within + leaked, a panel per division; None without rows."""
    found = parse(SharedVsSeparate, record)
    shown = shown_categories(found)
    if not shown:
        return None
    top = max(one.shared for group in shown.values() for one in group)
    lead = " ".join(
        sentence
        for name, means in (
            *((title(name), found.means(name)) for name in shown),
            ("in the paper", found.paper),
        )
        if (sentence := _sum(name, means))
    )
    return Figure(
        name="leakage",
        title="What the shared network mistakes: alike classes, or categories",
        lead=lead,
        alt=f"Stacked bars: errors within each category and leaked to others. {lead}",
        panels=tuple(_draw(division, group, top) for division, group in shown.items()),
        table=_table(shown),
        note="Within: another class of the same category; leaked: a class of another one. The two "
        "add up to the error of the shared network (table 4 of the paper).",
    )


def _sum(name: str, means: Means) -> str:
    total, within, leaked = means.shared_mean, means.within_mean, means.leakage_mean
    if not (known(total) and known(within) and known(leaked)):
        return ""
    start = name[0].upper() + name[1:]
    return (
        f"{start}: {percent(total, 2)} wrong = {percent(within, 2)} within + "
        f"{percent(leaked, 2)} leaked."
    )


def _draw(division: str, group: list[Category], top: float) -> Bars:
    return Bars(
        categories=tuple(one.name for one in group),
        series=(
            BarSeries("within the category", tuple(one.within for one in group), "series-1"),
            BarSeries("leaked to another", tuple(one.leaked for one in group), "series-2"),
        ),
        axis=Axis("error of the shared network", 0, top or None, percent=True),
        title=title(division),
        stacked=True,
    )


def _table(shown: dict[str, list[Category]]) -> Table:
    return Table(
        ("division", "category", "wrong", "within", "leaked"),
        tuple(
            (
                division,
                one.name,
                *(percent(share, 2) for share in (one.shared, one.within, one.leaked)),
            )
            for division, group in shown.items()
            for one in group
        ),
        text_columns=2,
    )
