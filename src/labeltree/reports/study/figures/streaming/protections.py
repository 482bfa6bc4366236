"""What each protection keeps of the original images, and what it lets the network learn."""

from __future__ import annotations

from collections.abc import Mapping

from labeltree.reports.charts import Dot, Dots, Figure, Goal, Scatter, Shape, Table
from labeltree.reports.record import Json
from labeltree.reports.study.figures.seeds import Seeds, seeds_told
from labeltree.reports.study.figures.streaming.goal import (
    BOTH,
    LEAST_CHANGE,
    LEAST_STREAMING,
    best_protection,
    by_protection,
    reached,
)
from labeltree.reports.study.figures.streaming.models import UNNAMED, USUAL_LOSS
from labeltree.reports.study.figures.streaming.names import told
from labeltree.reports.study.figures.streaming.old_against_new import CHANGE, STREAMING
from labeltree.reports.study.figures.streaming.record import BEFORE, UNPROTECTED, Row, parse
from labeltree.reports.words import MISSING, compact, count, percent, short_name

JOIN = " + "
# What a point is, with its colour and sign.
KINDS: dict[str, tuple[str, Shape]] = {
    "no protection": ("series-2", "cross"),
    "one protection": ("series-1", "circle"),
    "several together": ("series-3", "square"),
}
NONE_KIND, ONE_KIND, SEVERAL_KIND = KINDS
BEFORE_STREAMING = "before streaming"
GOAL = Goal(LEAST_CHANGE, LEAST_STREAMING, "goal")


def protections(record: Json) -> Figure | None:
    """A panel per network that was streamed with protections; None where none was."""
    networks = [
        (told(next(iter(found.values())).like), found)
        for found in by_protection(parse(record).rows).values()
        if best_protection(found)
    ]
    if not networks:
        return None
    drawn = [one for _, found in networks for one in _streamed(found).values()]
    lead = " ".join(_lead(name if len(networks) > 1 else "", found) for name, found in networks)
    return Figure(
        name="protections",
        title="What protects the original images without keeping new ones out",
        lead=lead,
        alt="Points: top-5 accuracy on the new images against the change on the original ones, by "
        f"protection. {lead}",
        panels=tuple(_draw(name, found) for name, found in networks),
        table=_table(networks),
        note="In the green field both aims are met: at most "
        f"{-LEAST_CHANGE:g} points of top-5 accuracy are lost on the original images, and of the "
        f"new ones {percent(LEAST_STREAMING, 0)} or more have all labels among the five surest. "
        f"{USUAL_LOSS}{UNNAMED} "
        + seeds_told(drawn, "; lines about a point are one standard deviation"),
    )


def _draw(name: str, found: Mapping[str, Seeds[Row]]) -> Scatter:
    kinds: dict[str, list[Dot]] = {}
    for protection, one in _streamed(found).items():
        kinds.setdefault(_kind(protection), []).append(_dot(protection, one))
    series = tuple(
        Dots(kind, tuple(kinds[kind]), role, shape)
        for kind, (role, shape) in KINDS.items()
        if kind in kinds
    )
    return Scatter(series, CHANGE, STREAMING, GOAL, title=name)


def _streamed(found: Mapping[str, Seeds[Row]]) -> dict[str, Seeds[Row]]:
    """What became of the network, not what it was; both figures known."""
    return {name: one for name, one in found.items() if name != BEFORE and one.has(*BOTH)}


def _kind(protection: str) -> str:
    if protection == UNPROTECTED:
        return NONE_KIND
    return SEVERAL_KIND if JOIN in protection else ONE_KIND


def _dot(protection: str, one: Seeds[Row]) -> Dot:
    return Dot(
        one.mean("change"),
        one.mean("streaming_top5_all"),
        "" if protection == UNPROTECTED else short_name(protection),  # the legend names that one
        f"{_name(protection)}: {one.step('change')} points on the original images, "
        f"{one.score('streaming_top5_all')} of the new ones",
        one.ends("change"),
        one.ends("streaming_top5_all"),
    )


def _name(protection: str) -> str:
    return {BEFORE: BEFORE_STREAMING, UNPROTECTED: NONE_KIND}.get(protection, protection)


def _lead(network: str, found: dict[str, Seeds[Row]]) -> str:
    """How many reach the goal, and which is best."""
    streamed = _streamed(found)
    aim = sum(map(reached, streamed.values()))
    name = best_protection(found)
    assert name is not None  # else there would be no panel
    winner = streamed[name]
    where = f"{network}: " if network else ""
    none = streamed.get(UNPROTECTED)
    beside = (
        f"; without protection, {none.step('change')} points and {none.score('streaming_top5_all')}"
        if none and none is not winner
        else ""
    )
    return (
        f"{where}{count(aim) if aim else 'None'} of {count(len(streamed))} reach"
        f"{'es' * (aim < 2)} the goal. Chosen by validation: {_name(name)}, "
        f"{winner.step('change')} points on the original images, "
        f"{winner.score('streaming_top5_all')} of the new ones{beside}."
    )


def _table(networks: list[tuple[str, dict[str, Seeds[Row]]]]) -> Table:
    return Table(
        (
            *("network", "protection", "reaches the goal", "points", "top-5, original"),
            *("top-1, original", "top-5, new", "any label", "s an epoch", "seeds"),
        ),
        tuple(
            (
                name,
                _name(protection),
                ("yes" if reached(one) else "no") if one.has(*BOTH) else MISSING,
                one.step("change"),
                one.score("original_top5"),
                one.score("original_top1"),
                one.score("streaming_top5_all"),
                one.score("streaming_top5_any"),
                compact(one.mean("streaming_epoch_seconds")),
                count(len(one)),
            )
            for name, found in networks
            for protection, one in found.items()
        ),
        text_columns=3,
    )
