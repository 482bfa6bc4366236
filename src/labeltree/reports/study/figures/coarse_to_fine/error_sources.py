"""Which errors the router causes, and which an oracle in its place would make, too."""

from __future__ import annotations

from labeltree.reports.charts import Axis, Bars, BarSeries, Figure, Table
from labeltree.reports.record import Json
from labeltree.reports.study.figures.coarse_to_fine.groups import by_grouping, routed, seeds_told
from labeltree.reports.study.figures.coarse_to_fine.record import Setting, settings_of
from labeltree.reports.words import MISSING, percent, short_name

REMAINING, CAUSED, SHARE = "remaining", "caused", "router_error_share"


def error_sources(record: Json) -> Figure | None:
    """A panel per grouping with a bar per system and routing; None where no oracle was asked."""
    found = settings_of(record)
    settings = [one for one in routed(found) if one.has(CAUSED)]
    if not settings:
        return None
    top = max(one.mean(REMAINING) + one.mean(CAUSED) for one in settings)
    lead = _lead(settings)
    return Figure(
        name="error_sources",
        title="Where the errors come from: the experts, or the router",
        lead=lead,
        alt=f"Stacked bars: errors of each routed system. {lead}",
        panels=tuple(
            _draw(grouping, mine, top) for grouping, mine in by_grouping(settings).items()
        ),
        table=_table([one for one in found if one.has(CAUSED)]),
        note="An oracle router always asks the expert that knows the true class. What it gets "
        "right and the system does not is the router's error. "
        f"{seeds_told(settings, '; standard deviations are in the table')}",
    )


def _draw(grouping: str, settings: list[Setting], top: float) -> Bars:
    return Bars(
        categories=tuple(f"{one.name}, {one.like.routing}" for one in settings),
        series=(
            BarSeries(
                "also with an oracle router",
                tuple(one.mean(REMAINING) for one in settings),
                "series-1",
            ),
            BarSeries(
                "caused by the router", tuple(one.mean(CAUSED) for one in settings), "series-2"
            ),
        ),
        axis=Axis("error", 0, top or None, percent=True),
        title=short_name(grouping),
        stacked=True,
    )


def _lead(settings: list[Setting]) -> str:
    """The systems in which the router matters least and most."""
    shares = {one: one.mean(SHARE) for one in settings if one.has(SHARE)}
    if not shares:
        return "No system makes an error."
    least, most = min(shares, key=shares.__getitem__), max(shares, key=shares.__getitem__)
    lead = f"The router causes {percent(shares[most])} of the errors of {most.told}"
    if least is most:
        return f"{lead}."
    return f"{lead}; the least is {percent(shares[least])}, of those of {least.told}."


def _table(settings: list[Setting]) -> Table:
    keys = ("error", REMAINING, CAUSED, SHARE, "router_accuracy", "oracle_top1")
    return Table(
        (
            *("system", "misrouted", "routing", "error", "also with an oracle", "by the router"),
            *("share by the router", "router right", "right with an oracle"),
        ),
        tuple(
            (
                one.system,
                one.like.misrouted or MISSING,
                one.like.routing,
                *(one.score(key) for key in keys),
            )
            for one in settings
        ),
        text_columns=3,
    )
