"""Accuracy against what a system costs: routed systems beside the line of the flat networks."""

from __future__ import annotations

from collections.abc import Iterator

from labeltree.reports.charts import Axis, Figure, Lines, Table
from labeltree.reports.record import Json
from labeltree.reports.study.figures.coarse_to_fine.curves import (
    accuracy_axis,
    baseline_curves,
    system_curve,
)
from labeltree.reports.study.figures.coarse_to_fine.groups import (
    by_grouping,
    by_name,
    by_way,
    flat_of,
    routed,
    seeds_told,
    several_ways,
)
from labeltree.reports.study.figures.coarse_to_fine.price import Price, above, unbeaten
from labeltree.reports.study.figures.coarse_to_fine.record import TOP1, Setting, settings_of
from labeltree.reports.words import MISSING, count, plural, short_name

BANDS = "; bands are one standard deviation"


def trade_off(
    record: Json, price: Price, *, name: str, title: str, note: str, ways: bool
) -> Figure | None:
    """A panel per grouping with a line per system; None where nothing has accuracy and cost.

    Args:
        record: of the study.
        price: what is paid.
        name: of the figure.
        title: of the figure.
        note: how to read it; who is on the line, and the seeds, are added.
        ways: draw also the systems that were trained in several ways with misrouted images, a
            panel each.
    """
    found = [one for one in settings_of(record) if one.has(TOP1) and price.of(one) > 0]
    drawn = found if ways else [one for one in found if not one.like.routing] + routed(found)
    if not drawn:
        return None
    lead = _lead(drawn, price)
    flats = ", ".join(one.told for one in price.sorted(flat_of(drawn)))
    told = f" The flat networks, from left to right: {flats}." if flats else ""
    return Figure(
        name=name,
        title=title,
        lead=lead,
        alt=f"Lines: top-1 accuracy against {price.label}. {lead}",
        panels=tuple(_panels(drawn, price)),
        table=_table(drawn, price),
        note=f"{note}{told} {seeds_told(drawn, BANDS)}",
    )


def _panels(drawn: list[Setting], price: Price) -> Iterator[Lines]:
    """Groupings, then what differs in the treatment of misrouted images; baselines in each."""
    groupings = by_grouping(routed(drawn)) or {"": []}
    named = [(short_name(grouping), by_name(mine)) for grouping, mine in groupings.items()]
    ways = [
        (f"{short_name(system)}, by misrouted images", by_way(mine))
        for system, mine in several_ways(drawn).items()
    ]
    baselines, axis = baseline_curves(drawn, price), accuracy_axis(drawn)
    for panels in (named, ways):
        names = list(dict.fromkeys(name for _, systems in panels for name in systems))
        for title, systems in panels:
            curves = [
                system_curve(name, mine, names.index(name), price) for name, mine in systems.items()
            ]
            yield Lines((*baselines, *curves), Axis(price.label, log=True), axis, title=title)


def _lead(drawn: list[Setting], price: Price) -> str:
    """The best of both kinds, and how many routed systems lie above the line."""
    systems, flats = [one for one in drawn if one.like.routing], flat_of(drawn)
    parts = [
        f"The best {kind} is {best.told}: {best.score(TOP1)} at {price.told(best)} {price.unit}."
        for kind, several in {"routed system": systems, "flat network": flats}.items()
        if several
        for best in [max(several, key=lambda one: one.mean(TOP1))]
    ]
    line = unbeaten(flats, price)
    sides = [side for one in systems if (side := above(one, line, price)) is not None]
    if sides:
        beyond, many = len(systems) - len(sides), count(sum(sides)) if any(sides) else "none"
        rest = f"; {count(beyond)} beyond its ends are not counted" if beyond else ""
        parts.append(
            f"Of {plural(len(sides), 'point')} of routed systems, {many} lie above the line of the "
            f"flat networks{rest}."
        )
    return " ".join(parts)


def _table(drawn: list[Setting], price: Price) -> Table:
    return Table(
        (
            "system",
            "misrouted",
            "routing",
            price.unit,
            "top-1",
            "top-3",
            "images a second",
            "seeds",
        ),
        tuple(
            (
                one.system,
                one.like.misrouted or MISSING,
                one.like.routing or MISSING,
                price.told(one),
                one.score(TOP1),
                one.score("top3"),
                count(one.mean("images_per_second")),
                count(len(one.rows)),
            )
            for one in drawn
        ),
        text_columns=3,
    )
