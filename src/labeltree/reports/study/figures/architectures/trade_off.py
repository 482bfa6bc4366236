"""Accuracy against multiply–adds: who is beaten by nobody, and whom to choose."""

from __future__ import annotations

from collections.abc import Sequence

from labeltree.reports.charts import Axis, Dot, Dots, Figure, Scatter, Table
from labeltree.reports.record import Json
from labeltree.reports.study.figures.architectures.accuracy import TOP1, reach
from labeltree.reports.study.figures.architectures.folding import (
    drawn_datasets,
    left_out_told,
    told_of_each,
)
from labeltree.reports.study.figures.architectures.networks import Networks, read
from labeltree.reports.study.figures.architectures.record import Choice, Row
from labeltree.reports.study.figures.seeds import Seeds, seeds_told
from labeltree.reports.words import MISSING, count, large, listed, printable, short_name

MACS = "macs"
MILLION = 1e6


def trade_off(record: Json) -> Figure | None:
    """A panel per data set with a point for each network; None where none has both figures."""
    study = read(record)
    placed = {
        dataset: there
        for dataset, networks in study.having(TOP1, MACS).items()
        if (there := [one for one in networks if one.mean(MACS) > 0])
    }
    if not placed:
        return None
    datasets = list(placed)
    drawn = drawn_datasets(datasets)
    lead = told_of_each(datasets, lambda dataset: _lead(study, dataset, placed[dataset]))
    every = [one for networks in study.having(TOP1).values() for one in networks]
    return Figure(
        name="trade_off",
        title="Which network to choose",
        lead=lead,
        alt=f"Points: top-1 accuracy against multiply–adds per image. {lead}",
        panels=tuple(_draw(study, dataset, placed[dataset]) for dataset in drawn),
        table=_table(study, every),
        note="The line joins the networks that no cheaper one beats; the axis of multiply–adds is "
        "logarithmic. The line about a point is the same interval as in the figure of accuracy. "
        f"{seeds_told(every, '')}{left_out_told(datasets, drawn)}",
    )


def _draw(study: Networks, dataset: str, networks: Sequence[Seeds[Row]]) -> Scatter:
    choice = study.choice(dataset)
    there = {one.like.model: one for one in networks}
    front = [there[name] for name in choice.front if name in there]
    line = Dots("beaten by none", tuple(_bare(one) for one in front), "quiet", "circle", True, True)
    return Scatter(
        (
            *([line] if front else []),
            *(_dots(study, one, one.like.model == choice.recommended) for one in networks),
        ),
        Axis("multiply–adds per image, millions", log=True),
        Axis("top-1 accuracy", percent=True),
        title=short_name(dataset),
    )


def _bare(one: Seeds[Row]) -> Dot:
    return Dot(one.mean(MACS) / MILLION, one.mean(TOP1), text=printable(one.like.model))


def _dots(study: Networks, one: Seeds[Row], recommended: bool) -> Dots:
    look = study.look(one)
    name = f"{look.name}, recommended" if recommended else look.name
    dot = Dot(
        one.mean(MACS) / MILLION,
        one.mean(TOP1),
        name,
        f"{printable(one.like.model)}: {one.score(TOP1)}, {large(one.mean(MACS))} multiply–adds",
        y_ends=reach(one, TOP1),
    )
    return Dots(look.name, (dot,), look.role, look.shape)


def _lead(study: Networks, dataset: str, networks: Sequence[Seeds[Row]]) -> str:
    """The record's recommendation; else the two ends of the choice."""
    words = printable(study.choice(dataset).why)
    if not words:
        cheapest = min(networks, key=lambda one: one.mean(MACS))
        best = max(networks, key=lambda one: one.mean(TOP1))
        ends = {"takes the least": cheapest, "is right most often": best}
        words = f"{listed(f'{printable(one.like.model)} {what}' for what, one in ends.items())}."
    return f"{printable(dataset)}: {words}" if len(study.by_dataset) > 1 else words


def _table(study: Networks, networks: Sequence[Seeds[Row]]) -> Table:
    """Also the networks whose multiply–adds are not known."""
    return Table(
        ("data set", "network", "top-1", "multiply–adds", "beaten by none", "recommended", "seeds"),
        tuple(
            (
                one.like.dataset,
                one.like.model,
                one.score(TOP1),
                large(one.mean(MACS)),
                *_chosen(study.choice(one.like.dataset), one),
                count(len(one)),
            )
            for one in networks
        ),
        text_columns=2,
    )


def _chosen(choice: Choice, one: Seeds[Row]) -> tuple[str, str]:
    """Whether nobody beats it, which is not known without its cost; whether it is recommended."""
    model = one.like.model
    front = _yes(model in choice.front) if one.has(MACS) else MISSING
    return front, _yes(model == choice.recommended)


def _yes(holds: bool) -> str:
    return "yes" if holds else "no"
