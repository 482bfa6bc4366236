"""Error of each category in the shared network and in one of its own: figure 2."""

from __future__ import annotations

from labeltree.reports.charts import Axis, Bars, BarSeries, Figure, Table
from labeltree.reports.record import Json
from labeltree.reports.study.figures.shared_vs_separate.record import (
    NATURAL,
    Category,
    SharedVsSeparate,
    shown_categories,
    title,
)
from labeltree.reports.study.record import parse
from labeltree.reports.words import known, listed, percent, points


def categories(record: Json) -> Figure | None:
    """A panel per division; None without rows."""
    found = parse(SharedVsSeparate, record)
    shown = shown_categories(found)
    if not shown:
        return None
    top = max(max(one.separate, one.shared) for group in shown.values() for one in group)
    lead = _lead(found, shown)
    return Figure(
        name="categories",
        title="One network for all, or one for each",
        lead=lead,
        alt=f"Bars: error of each category in a network of its own and in the shared one. {lead}",
        panels=tuple(_draw(division, group, top) for division, group in shown.items()),
        table=_table(shown),
        note="Natural categories are means over the seeds; random groups are those of the first "
        "seed. A separate network chooses among the classes of its category, the shared one among "
        "all classes; told the category, it chooses among as few (figure 2 of the paper, which "
        "does not tell it).",
    )


def _draw(division: str, group: list[Category], top: float) -> Bars:
    series = (
        BarSeries("separate networks", tuple(one.separate for one in group), "series-2"),
        BarSeries("shared network", tuple(one.shared for one in group), "series-1"),
        BarSeries(
            "shared, given the category",
            tuple(one.told for one in group),
            "series-3",
            shape="diamond",
        ),
    )
    return Bars(
        categories=tuple(one.name for one in group),
        series=tuple(one for one in series if any(map(known, one.values))),
        axis=Axis("error", 0, top or None, percent=True),
        title=title(division),
    )


def _lead(found: SharedVsSeparate, shown: dict[str, list[Category]]) -> str:
    costs = []
    for division in shown:
        means = found.means(division)
        if known(means.shared_mean) and known(means.separate_mean):
            cost = points(means.shared_mean - means.separate_mean)
            paper = found.paper
            published = ""
            if division == NATURAL and known(paper.shared_mean) and known(paper.separate_mean):
                published = f" (in the paper {points(paper.shared_mean - paper.separate_mean)})"
            costs.append(f"{cost} points with {title(division)}{published}")
    if not costs:
        return ""
    told = found.means(NATURAL)
    fair = ""
    if known(told.shared_given_mean) and known(told.separate_mean):
        difference = points(told.shared_given_mean - told.separate_mean)
        fair = f" Where it is told the natural category, as the separate ones are: {difference}."
    return f"Sharing one network costs {listed(costs)}.{fair}"


def _table(shown: dict[str, list[Category]]) -> Table:
    return Table(
        ("division", "category", "separate", "shared", "difference", "shared, given"),
        tuple(
            (
                division,
                one.name,
                percent(one.separate, 2),
                percent(one.shared, 2),
                points(one.shared - one.separate),
                percent(one.told, 2),
            )
            for division, group in shown.items()
            for one in group
        ),
        text_columns=2,
    )
