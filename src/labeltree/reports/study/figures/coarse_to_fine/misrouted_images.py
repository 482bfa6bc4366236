"""What becomes of training images that the router sends to the wrong expert, and what it costs."""

from __future__ import annotations

import math

from labeltree.reports.charts import Axis, Bars, BarSeries, Figure, Table
from labeltree.reports.palette import series_role
from labeltree.reports.record import Json
from labeltree.reports.study.figures.coarse_to_fine.groups import (
    by_routing,
    by_way,
    seeds_told,
    several_ways,
)
from labeltree.reports.study.figures.coarse_to_fine.record import TOP1, Setting, settings_of
from labeltree.reports.words import count, known, listed, short_name

# What the experts learn, by the name of the way in the record.
WAYS = {
    "random": "random: a random class for them",
    "drop": "drop: nothing of them",
    "reject": "reject: that they are not theirs",
    "true": "true: all images of their group",
}


def misrouted_images(record: Json) -> Figure | None:
    """A panel per system that was trained in several ways; None where there is none."""
    settings = [one for one in settings_of(record) if one.has(TOP1)]
    systems = several_ways(settings)
    if not systems:
        return None
    drawn = [one for mine in systems.values() for one in mine]
    routings = list(by_routing(drawn))
    top = max(end for one in drawn for end in (one.mean(TOP1), one.reach(TOP1)[1]) if known(end))
    lead = " ".join(_best(system, mine) for system, mine in systems.items())
    return Figure(
        name="misrouted_images",
        title="What the experts learn of misrouted training images",
        lead=lead,
        alt=f"Bars: top-1 accuracy by what becomes of misrouted training images. {lead}",
        panels=tuple(_draw(system, mine, routings, top) for system, mine in systems.items()),
        table=_table(drawn),
        note="A trained router divides the training images among the experts, and some reach an "
        "expert that does not know their class. The paper gives them a random class (random). "
        "With “true”, the experts learn from all images of their group, whatever the router says "
        f"of them. {seeds_told(drawn, ' with one standard deviation')}",
    )


def _best(system: str, settings: list[Setting]) -> str:
    best = [max(mine, key=lambda one: one.mean(TOP1)) for mine in by_routing(settings).values()]
    told = listed(f"{one.way} with {one.like.routing} routing ({one.score(TOP1)})" for one in best)
    return f"Best for {short_name(system)}: {told}."


def _draw(system: str, settings: list[Setting], routings: list[str], top: float) -> Bars:
    """All panels have the same axis and colours."""
    ways, there = by_way(settings), by_routing(settings)
    return Bars(
        categories=tuple(WAYS.get(way, way) for way in ways),
        series=tuple(
            _series(routing, series_role(place), list(ways), there[routing])
            for place, routing in enumerate(routings)
            if routing in there
        ),
        axis=Axis("top-1 accuracy", 0, top or None, percent=True),
        title=short_name(system),
    )


def _series(routing: str, role: str, ways: list[str], settings: list[Setting]) -> BarSeries:
    mine = {one.way: one for one in settings}
    ends = [mine[way].reach(TOP1) if way in mine else (math.nan, math.nan) for way in ways]
    several = any(known(low) for low, _ in ends)
    return BarSeries(
        routing,
        tuple(mine[way].mean(TOP1) if way in mine else math.nan for way in ways),
        role,
        tuple(low for low, _ in ends) if several else (),
        tuple(high for _, high in ends) if several else (),
    )


def _table(drawn: list[Setting]) -> Table:
    keys = (TOP1, "top3", "oracle_top1")
    return Table(
        ("system", "misrouted", "routing", "top-1", "top-3", "with an oracle router", "seeds"),
        tuple(
            (
                one.system,
                one.like.misrouted,
                one.like.routing,
                *(one.score(key) for key in keys),
                count(len(one.rows)),
            )
            for one in drawn
        ),
        text_columns=3,
    )
