"""What streaming without protection forgets of the original images and learns: figure 13."""

from __future__ import annotations

from collections.abc import Sequence

from labeltree.reports.charts import Axis, Figure, Table
from labeltree.reports.record import Json
from labeltree.reports.study.figures.seeds import Seeds, seeds_told, together
from labeltree.reports.study.figures.streaming.models import (
    UNNAMED,
    USUAL_LOSS,
    model_chart,
    papers_points_told,
)
from labeltree.reports.study.figures.streaming.names import network_of, told
from labeltree.reports.study.figures.streaming.record import UNPROTECTED, Paper, Row, parse
from labeltree.reports.words import MISSING, count, decimal, percent

KEYS = ("change", "streaming_top5_all")
CHANGE = Axis("change of top-5 on the original images, points")
STREAMING = Axis("top-5 on the new images (all labels)", percent=True)


def old_against_new(record: Json) -> Figure | None:
    """A point per network; None where none was streamed without protection."""
    study = parse(record)
    streamed = [row for row in study.rows if row.protection == UNPROTECTED]
    measured = [one for one in together(streamed, network_of) if one.has(*KEYS)]
    if not measured:
        return None
    chart = model_chart(
        measured,
        study.paper.rows,
        KEYS,
        ("change", "streaming_top5"),
        (CHANGE, STREAMING),
        _text,
    )
    lead = _lead(measured)
    return Figure(
        name="old_against_new",
        title="What streaming without protection forgets and learns",
        lead=lead,
        alt="Points: top-5 accuracy on the new images against the change on the original ones. "
        f"{lead}",
        panels=(chart,),
        table=_table(measured, study.paper),
        note="Figure 13 of the paper: left of zero, original images were forgotten. A new image "
        "counts where all of its labels are among the five surest. "
        f"{USUAL_LOSS}{papers_points_told(chart)}{UNNAMED} "
        + seeds_told(measured, "; lines about a point are one standard deviation"),
    )


def _text(one: Seeds[Row]) -> str:
    return (
        f"{told(one.like)}: {one.step('change')} points on the original images, "
        f"{one.score('streaming_top5_all')} of the new ones"
    )


def _lead(measured: Sequence[Seeds[Row]]) -> str:
    least, most = (choose(measured, key=lambda one: one.mean("change")) for choose in (max, min))
    if least is most:
        return f"{_text(least)}."
    return f"Least forgotten: {_text(least)}. Most forgotten: {_text(most)}."


def _table(measured: Sequence[Seeds[Row]], paper: Paper) -> Table:
    return Table(
        (
            *("model", "variant", "loss", "top-5 before", "top-5 after", "points"),
            *("new images", "any label", "paper, points", "paper, new images", "seeds"),
        ),
        tuple(
            (
                one.like.model,
                one.like.variant,
                one.like.loss or MISSING,
                *(one.score(key) for key in ("base_top5", "original_top5")),
                one.step("change"),
                *(one.score(key) for key in ("streaming_top5_all", "streaming_top5_any")),
                decimal(paper.of(one.like).change, 1),
                percent(paper.of(one.like).streaming_top5),
                count(len(one)),
            )
            for one in measured
        ),
        text_columns=3,
    )
