"""What each class gains or loses by the shared network: figure 3."""

from __future__ import annotations

from labeltree.reports.charts import Figure, Table
from labeltree.reports.record import Json
from labeltree.reports.study.figures.histogram import histograms
from labeltree.reports.study.figures.shared_vs_separate.record import (
    ClassGain,
    Means,
    SharedVsSeparate,
    title,
)
from labeltree.reports.study.record import parse
from labeltree.reports.words import known, percent, points, short_name

MOST_TABLE_ROWS = 1000


def class_differences(record: Json) -> Figure | None:
    """A histogram per division, a value for each class and seed; None without classes."""
    found = parse(SharedVsSeparate, record)
    gains = [one for one in found.classes if known(one.gain)]
    if not gains:
        return None
    divisions = list(dict.fromkeys(one.division for one in gains))
    lead = " ".join(
        sentence
        for name, means in (
            *((title(name), found.means(name)) for name in divisions),
            ("in the paper", found.paper),
        )
        if (sentence := _shares(name, means))
    )
    return Figure(
        name="class_differences",
        title="Which classes lose by sharing, and which gain",
        lead=lead,
        alt=f"Histograms: accuracy of each class in the shared network minus that in its separate "
        f"one. {lead}",
        panels=histograms(
            {
                title(division): [
                    one.gain for one in gains if one.division == division and known(one.gain)
                ]
                for division in divisions
            },
            "shared minus separate accuracy",
        ),
        table=_table(gains, divisions),
        note="A value for each class and seed. A class that a bin's border falls on counts half on "
        "each side. Test sets of a class are small: much of the width is chance (figure 3 of the "
        "paper).",
    )


def _shares(name: str, means: Means) -> str:
    if not (known(means.lost_share) and known(means.gained_share)):
        return ""
    start = name[0].upper() + name[1:]
    return f"{start}: {percent(means.lost_share)} lose, {percent(means.gained_share)} gain."


def _table(gains: list[ClassGain], divisions: list[str]) -> Table:
    """Means over the seeds; who loses most with the first division stands first."""
    means: dict[str, dict[str, float]] = {}
    for name in dict.fromkeys(one.name for one in gains):
        mine = [one for one in gains if one.name == name]
        for division in divisions:
            there = [one.gain for one in mine if one.division == division and known(one.gain)]
            if there:
                means.setdefault(name, {})[division] = sum(there) / len(there)
    order = sorted(means, key=lambda name: next(iter(means[name].values())))
    rows = tuple(
        (short_name(name), *(points(means[name].get(division), 1) for division in divisions))
        for name in order[:MOST_TABLE_ROWS]
    )
    head = ("class", *(f"{title(division)}, points" for division in divisions))
    return Table(head, rows, left_out=len(order) - len(rows))
