"""Top-1 against top-5 accuracy of all bases: figure 12."""

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
from labeltree.reports.study.figures.streaming.record import BEFORE, Paper, Row, parse
from labeltree.reports.words import MISSING, count, listed, percent

KEYS = ("base_top5", "base_top1")


def top1_against_top5(record: Json) -> Figure | None:
    """The nearer to the upper right corner, the better; None where no base was measured."""
    study = parse(record)
    bases = [row for row in study.rows if row.protection == BEFORE]
    measured = [one for one in together(bases, network_of) if one.has(*KEYS)]
    if not measured:
        return None
    axes = Axis("top-5 accuracy", percent=True), Axis("top-1 accuracy", percent=True)
    chart = model_chart(measured, study.paper.rows, KEYS, KEYS, axes, _text)
    lead = _lead(measured)
    return Figure(
        name="top1_against_top5",
        title="How well the networks know the original images",
        lead=lead,
        alt=f"Points: top-1 against top-5 accuracy of each network. {lead}",
        panels=(chart,),
        table=_table(measured, study.paper),
        note=f"Figure 12 of the paper. {USUAL_LOSS}{papers_points_told(chart)}{UNNAMED} "
        + seeds_told(measured, "; lines about a point are one standard deviation"),
    )


def _text(one: Seeds[Row]) -> str:
    return f"{told(one.like)}: top-1 {one.score('base_top1')}, top-5 {one.score('base_top5')}"


def _lead(measured: Sequence[Seeds[Row]]) -> str:
    kinds = {"base_top1": "first", "base_top5": "five"}
    best = {key: max(measured, key=lambda one: one.mean(key)) for key in kinds}
    if best["base_top1"] is best["base_top5"]:
        one = best["base_top1"]
        return (
            f"Best is {told(one.like)}: {one.score('base_top1')} are right at the first answer, "
            f"{one.score('base_top5')} within five."
        )
    words = {"base_top1": "at the first answer", "base_top5": "within five answers"}
    parts = [f"{told(one.like)} {words[key]} ({one.score(key)})" for key, one in best.items()]
    return f"Best are {listed(parts)}."


def _table(measured: Sequence[Seeds[Row]], paper: Paper) -> Table:
    return Table(
        ("model", "variant", "loss", "top-1", "top-5", "paper, top-1", "paper, top-5", "seeds"),
        tuple(
            (
                one.like.model,
                one.like.variant,
                one.like.loss or MISSING,
                *(one.score(key) for key in ("base_top1", "base_top5")),
                *(percent(getattr(paper.of(one.like), key)) for key in ("base_top1", "base_top5")),
                count(len(one)),
            )
            for one in measured
        ),
        text_columns=3,
    )
