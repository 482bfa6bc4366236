"""What an epoch takes on the original images and on the new ones: table 5."""

from __future__ import annotations

import math
from collections.abc import Sequence

from labeltree.reports.charts import Axis, Bars, BarSeries, Figure, Table
from labeltree.reports.record import Json
from labeltree.reports.study.figures.seeds import Seeds, seeds_told, together
from labeltree.reports.study.figures.streaming.names import network_of, told
from labeltree.reports.study.figures.streaming.record import (
    BEFORE,
    MARGIN,
    UNPROTECTED,
    Paper,
    Row,
    parse,
)
from labeltree.reports.words import MISSING, compact, count, known, printable, shorten

SECONDS = {
    "original_epoch_seconds": ("original images", "series-1"),
    "streaming_epoch_seconds": ("new images", "series-2"),
}
RATIO = "epoch_ratio"
LONGEST_NAME = 34


def epoch_times(record: Json) -> Figure | None:
    """Bars for each network; None where no epoch of both kinds was timed."""
    study = parse(record)
    rows = [row for row in study.rows if row.protection in (BEFORE, UNPROTECTED)]
    timed = [one for one in together(_whole(rows), network_of) if one.has(RATIO)]
    timed = [one for one in timed if one.like.loss == MARGIN] or timed
    if not timed:
        return None
    names = tuple(_name(one.like) for one in timed)
    lead = _lead(timed)
    return Figure(
        name="epoch_times",
        title="What an epoch takes",
        lead=lead,
        alt=f"Bars: seconds an epoch on the original and on the new images. {lead}",
        panels=(
            Bars(names, _seconds(timed), Axis("seconds", 0), title="Seconds an epoch"),
            Bars(
                names,
                _ratios(timed, study.paper),
                Axis("times", 0),
                title="How many times longer on the original images",
            ),
        ),
        table=_table(timed, study.paper),
        note="Table 5 of the paper, whose seconds are of other hardware and other images: only "
        "the ratio compares, and it depends on how many new images there are. "
        + seeds_told(timed, "; lines at the end of a bar are one standard deviation"),
    )


def _whole(rows: Sequence[Row]) -> list[Row]:
    """A row per network and seed, with the times of its base and of its streaming."""
    found = []
    for one in together(rows, lambda row: (*network_of(row), row.seed)):
        times = {key: one.mean(key) for key in SECONDS if one.has(key)}
        found.append(one.like.model_copy(update=times))
    return found


def _name(row: Row) -> str:
    name = ", ".join(filter(None, (row.model, row.variant)))
    return shorten(printable(name), LONGEST_NAME)


def _seconds(timed: Sequence[Seeds[Row]]) -> tuple[BarSeries, ...]:
    return tuple(_series(name, timed, key, role) for key, (name, role) in SECONDS.items())


def _ratios(timed: Sequence[Seeds[Row]], paper: Paper) -> tuple[BarSeries, ...]:
    here = _series("here", timed, RATIO, "series-3")
    published = (paper.of(one.like).epoch_ratio for one in timed)
    values = tuple(value if known(value) else math.nan for value in published)
    there = BarSeries("the paper", values, "series-baseline", shape="diamond")
    return (here, there) if any(map(known, values)) else (here,)


def _series(name: str, timed: Sequence[Seeds[Row]], key: str, role: str) -> BarSeries:
    ends = [one.ends(key) for one in timed]
    several = any(known(low) for low, _ in ends)
    return BarSeries(
        name,
        tuple(one.mean(key) for one in timed),
        role,
        tuple(low for low, _ in ends) if several else (),
        tuple(high for _, high in ends) if several else (),
    )


def _lead(timed: Sequence[Seeds[Row]]) -> str:
    least, most = (choose(timed, key=lambda one: one.mean(RATIO)) for choose in (min, max))
    parts = [f"{compact(one.mean(RATIO))} ({told(one.like)})" for one in (least, most)]
    many = parts[0] if least is most else f"between {parts[0]} and {parts[1]}"
    return f"An epoch on the original images takes {many} times as long as one on the new images."


def _table(timed: Sequence[Seeds[Row]], paper: Paper) -> Table:
    keys = (*SECONDS, RATIO)
    return Table(
        (
            *("model", "variant", "original, s", "new, s", "ratio"),
            *("paper, original, s", "paper, new, s", "paper, ratio", "seeds"),
        ),
        tuple(
            (
                one.like.model,
                one.like.variant or MISSING,
                *(compact(one.mean(key)) for key in keys),
                *(compact(getattr(paper.of(one.like), key)) for key in keys),
                count(len(one)),
            )
            for one in timed
        ),
        text_columns=2,
    )
