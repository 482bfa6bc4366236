"""Top-1 against top-5 accuracy of all bases: figure 12."""

from __future__ import annotations

from collections.abc import Sequence

from labeltree.reports.charts import Axis, Figure, Table
from labeltree.reports.record import Json
from labeltree.reports.study.figures.streaming.models import (
    UNNAMED,
    model_chart,
    papers_points_told,
)
from labeltree.reports.study.figures.streaming.record import BEFORE, Published, Row, parse
from labeltree.reports.study.figures.streaming.seeds import (
    Seeds,
    main_loss,
    network_of,
    seeds_told,
    together,
    told,
)
from labeltree.reports.words import MISSING, count, listed, percent

KEYS = ("base_top5", "base_top1")


def top1_against_top5(record: Json) -> Figure | None:
    """The nearer to the upper right corner, the better; None where no base was measured."""
    study = parse(record)
    bases = [row for row in study.rows if row.protection == BEFORE]
    measured = [one for one in together(bases, network_of) if one.has(*KEYS)]
    if not measured:
        return None
    paper = study.paper.tables.table3
    axes = Axis("top-5 accuracy", percent=True), Axis("top-1 accuracy", percent=True)
    chart = model_chart(measured, paper, KEYS, ("top5", "top1"), axes, _text)
    lead = _lead(measured)
    main = main_loss(one.like for one in measured)
    loss = f"Trained with {main} loss where no other is named. " if main else ""
    return Figure(
        name="top1_against_top5",
        title="How well the networks know the original images",
        lead=lead,
        alt=f"Points: top-1 against top-5 accuracy of each network. {lead}",
        panels=(chart,),
        table=_table(measured, paper, main),
        note=f"Figure 12 of the paper. {loss}{papers_points_told(chart)}{UNNAMED} "
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


def _table(measured: Sequence[Seeds[Row]], paper: Sequence[Published], main: str) -> Table:
    published = {(row.model, row.variant): row for row in paper}
    return Table(
        ("model", "variant", "loss", "top-1", "top-5", "paper, top-1", "paper, top-5", "seeds"),
        tuple(
            (
                one.like.model,
                one.like.variant,
                one.like.loss or MISSING,
                *(one.score(key) for key in ("base_top1", "base_top5")),
                *_published(published, one.like, main),
                count(len(one)),
            )
            for one in measured
        ),
        text_columns=3,
    )


def _published(published: dict[tuple[str, str], Published], row: Row, main: str) -> tuple[str, str]:
    """Its table knows one loss: the figures stand beside the networks of the main one."""
    found = published.get((row.model, row.variant))
    if found is None or row.loss != main:
        return MISSING, MISSING
    return percent(found.top1), percent(found.top5)
