"""Accuracy over seconds: training again on everything, for more or less long, or streaming."""

from __future__ import annotations

from collections.abc import Sequence, Sized

from labeltree.reports.charts import Axis, Dot, Dots, Figure, Scatter, Shape, Table
from labeltree.reports.record import Json
from labeltree.reports.study.figures.seeds import Seeds, seeds_told, together
from labeltree.reports.study.figures.streaming.goal import best_protection, by_protection
from labeltree.reports.study.figures.streaming.names import network_of
from labeltree.reports.study.figures.streaming.record import (
    UNPROTECTED,
    Retraining,
    Row,
    parse,
)
from labeltree.reports.words import MISSING, compact, count, duration, percent, short_name

PANELS = {"original_top5": "Original images", "streaming_top5_all": "New images (all labels)"}
# What becomes of combined labels: how that is called, its colour and sign.
SETS = "sets"
LABELS: dict[str, tuple[str, str, Shape]] = {
    SETS: ("retrained, sets of labels", "series-1", "circle"),
    "classes": ("retrained, new classes", "series-4", "square"),
}
OTHER_LABELS: tuple[str, str, Shape] = ("retrained", "series-5", "diamond")
UNPROTECTED_LOOK: tuple[str, Shape] = ("series-2", "cross")
PROTECTED_LOOK: tuple[str, Shape] = ("series-3", "triangle")


def retraining(record: Json) -> Figure | None:
    """A panel for the original and one for the new images; None where nothing was retrained."""
    study = parse(record)
    retrained = [
        one
        for one in together(study.retraining, lambda row: (row.labels, row.share))
        if one.has("seconds") and one.mean("seconds") > 0 and any(map(one.has, PANELS))
    ]
    if not retrained:
        return None
    retrained.sort(key=lambda one: one.like.share)
    streamed = _streamed(study.rows, retrained)
    panels = [_draw(key, title, retrained, streamed) for key, title in PANELS.items()]
    lead = _lead(retrained, streamed)
    seeds: list[Sized] = [*retrained, *streamed.values()]
    return Figure(
        name="retraining",
        title="Streaming, or training again on everything",
        lead=lead,
        alt=f"Points and lines: top-5 accuracy over seconds of training. {lead}",
        panels=tuple(panel for panel in panels if panel.series),
        table=_table(retrained, streamed),
        note="A point on a line is a network trained on old and new images from the beginning, "
        "its name the share of all epochs that it had. New classes: each combination of labels "
        "becomes a class of its own. "
        + seeds_told(seeds, "; lines about a point are one standard deviation"),
    )


def _streamed(rows: tuple[Row, ...], retrained: list[Seeds[Retraining]]) -> dict[str, Seeds[Row]]:
    """Streaming of the network that was retrained: without protection, and with the best."""
    networks = {network_of(one.like) for one in retrained if one.like.labels == SETS}
    for network, found in by_protection(rows).items():
        best = best_protection(found)
        chosen = [name for name in (UNPROTECTED, best) if name is not None and name in found]
        if network in networks:
            return {name: found[name] for name in chosen if found[name].mean("seconds") > 0}
    return {}


def _name(protection: str) -> str:
    how = "unprotected" if protection == UNPROTECTED else short_name(protection)
    return f"streaming, {how}"


def _draw(
    key: str,
    title: str,
    retrained: Sequence[Seeds[Retraining]],
    streamed: dict[str, Seeds[Row]],
) -> Scatter:
    kinds: dict[str, list[Seeds[Retraining]]] = {}
    for one in retrained:
        if one.has(key):
            kinds.setdefault(one.like.labels, []).append(one)
    series = []
    for labels, several in kinds.items():
        name, role, shape = LABELS.get(labels, OTHER_LABELS)
        dots = tuple(_dot(one, key, percent(one.like.share, 0), name) for one in several)
        series.append(Dots(name, dots, role, shape, joined=len(dots) > 1))
    for protection, found in streamed.items():
        if found.has(key):
            name = _name(protection)
            role, shape = UNPROTECTED_LOOK if protection == UNPROTECTED else PROTECTED_LOOK
            series.append(Dots(name, (_dot(found, key, "", name),), role, shape))
    return Scatter(
        tuple(series),
        Axis("seconds of training", log=True),
        Axis("top-5 accuracy", percent=True),
        title=title,
    )


def _dot(one: Seeds[Retraining] | Seeds[Row], key: str, name: str, kind: str) -> Dot:
    seconds = one.mean("seconds")
    share = f", {name} of the epochs" if name else ""
    return Dot(
        seconds,
        one.mean(key),
        name,
        f"{kind}{share}: {one.score(key)} after {duration(seconds)}",
        y_ends=one.ends(key),
    )


def _lead(retrained: Sequence[Seeds[Retraining]], streamed: dict[str, Seeds[Row]]) -> str:
    """The longest retraining beside the best streaming."""
    longest = max(retrained, key=lambda one: (one.like.labels == SETS, one.mean("seconds")))
    parts = [_told("Training again on everything", longest)]
    if streamed:
        name = list(streamed)[-1]
        one = streamed[name]
        parts.append(_told(_name(name), one))
        times = longest.mean("seconds") / one.mean("seconds")
        parts.append(f"{compact(times)} times faster")
    return f"{'; '.join(parts)}."


def _told(what: str, one: Seeds[Retraining] | Seeds[Row]) -> str:
    words = {"original_top5": "of the original", "streaming_top5_all": "of the new images"}
    scores = [f"{one.score(key)} {name}" for key, name in words.items() if one.has(key)]
    return f"{what} takes {duration(one.mean('seconds'))} for {' and '.join(scores) or 'nothing'}"


def _table(retrained: Sequence[Seeds[Retraining]], streamed: dict[str, Seeds[Row]]) -> Table:
    rows: list[tuple[str, str, Seeds[Retraining] | Seeds[Row]]] = [
        (LABELS.get(one.like.labels, OTHER_LABELS)[0], percent(one.like.share, 0), one)
        for one in retrained
    ]
    rows += [(_name(protection), MISSING, one) for protection, one in streamed.items()]
    return Table(
        ("what", "of the epochs", "seconds", "top-5, original", "top-5, new", "seeds"),
        tuple(
            (
                what,
                share,
                compact(one.mean("seconds")),
                *(one.score(key) for key in PANELS),
                count(len(one)),
            )
            for what, share, one in rows
        ),
    )
