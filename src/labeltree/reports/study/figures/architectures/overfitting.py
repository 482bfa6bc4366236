"""Training against validation accuracy by epoch: who learns the training images by heart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from labeltree.reports.charts import Axis, Figure, Lines, Series, Table
from labeltree.reports.record import Json
from labeltree.reports.study.figures.architectures.curves import (
    ByEpoch,
    by_network,
    curve,
    having,
    seeds_of,
)
from labeltree.reports.study.figures.architectures.folding import (
    MOST_NETWORKS,
    drawn_datasets,
    drawn_networks,
    left_out_told,
    told_of_each,
)
from labeltree.reports.study.figures.architectures.looks import Look
from labeltree.reports.study.figures.architectures.networks import Networks, read
from labeltree.reports.study.figures.seeds import seeds_told
from labeltree.reports.words import count, points, printable, short_name

TRAIN, VALIDATION, GAP = "train_top1", "validation_top1", "gap"
MOST_TOGETHER = 3  # networks of one panel: each has two lines
ROOM = 0.03  # of the axis, at either end

ByNetwork = dict[str, ByEpoch]


def overfitting(record: Json) -> Figure | None:
    """Two lines for each network; None where not both were told.

    A panel per data set, or per network where a data set has more than three.
    """
    study = read(record)
    trained = {
        dataset: there
        for dataset, networks in by_network(study.parts.curves).items()
        if (there := {name: epochs for name, epochs in networks.items() if having(epochs, GAP)})
    }
    if not trained:
        return None
    datasets = list(trained)
    many = max(map(len, trained.values()))
    drawn = drawn_datasets(datasets, panels=min(many, MOST_NETWORKS) if many > MOST_TOGETHER else 1)
    lead = told_of_each(datasets, lambda dataset: _lead(dataset, trained[dataset]))
    every = [epochs for networks in trained.values() for epochs in networks.values()]
    return Figure(
        name="overfitting",
        title="Which networks learn the training images by heart",
        lead=lead,
        alt=f"Lines by epoch: training and validation accuracy of each network. {lead}",
        panels=tuple(
            panel for dataset in drawn for panel in _panels(study, dataset, trained[dataset])
        ),
        table=_table(trained),
        note="The farther a dashed line (training) lies above the one of its colour (validation), "
        "the less of what was learned holds for other images. Training accuracy is taken during "
        "the epoch: early on it may lie below. "
        + seeds_told(seeds_of(every), "; bands are one standard deviation")
        + left_out_told(datasets, drawn, many),
    )


def _panels(study: Networks, dataset: str, networks: ByNetwork) -> Iterator[Lines]:
    """All panels of a data set have the same axis."""
    title, names = short_name(dataset), drawn_networks(study, dataset, list(networks))
    groups = {title: names}
    if len(networks) > MOST_TOGETHER:
        groups = {
            ": ".join(filter(None, (title, study.looks[name].name))): [name] for name in names
        }
    lines = {
        own: [
            line
            for name in members
            for line in _lines(study.looks[name], networks[name], alone=len(members) == 1)
        ]
        for own, members in groups.items()
    }
    axis = _axis([line for several in lines.values() for line in several])
    for own, several in lines.items():
        yield Lines(tuple(several), Axis("epoch", whole=True), axis, title=own)


def _axis(lines: Sequence[Series]) -> Axis:
    ends = [end for one in lines for ends in (one.y, one.low, one.high) for end in ends]
    low, high = max(0.0, min(ends) - ROOM), min(1.0, max(ends) + ROOM)
    return Axis("right answers", low, high, percent=True)


def _lines(look: Look, epochs: ByEpoch, alone: bool) -> list[Series]:
    name = "" if alone else f"{look.name}, "
    made = (
        curve(epochs, TRAIN, look, f"{name}training", dashed=True),
        curve(epochs, VALIDATION, look, f"{name}validation"),
    )
    return [one for one in made if one]


def _last(epochs: ByEpoch) -> float:
    """By how much training is ahead in the end."""
    return having(epochs, GAP)[-1].mean(GAP)


def _lead(dataset: str, networks: ByNetwork) -> str:
    """The largest gap in the end, and the smallest."""
    gaps = {name: _last(epochs) for name, epochs in networks.items()}
    most, least = max(gaps, key=gaps.__getitem__), min(gaps, key=gaps.__getitem__)
    where = f"On {printable(dataset)}, " if dataset else ""
    told = f"{where}training ends {points(gaps[most], 1)} points above validation"
    if most == least:
        return f"{told} with {printable(most)}."
    return f"{told} with {printable(most)}, {points(gaps[least], 1)} with {printable(least)}."


def _table(trained: dict[str, ByNetwork]) -> Table:
    return Table(
        (
            *("data set", "network", "epochs", "training in the end", "validation in the end"),
            *("points ahead", "best validation", "at epoch", "seeds"),
        ),
        tuple(
            _row(dataset, name, having(epochs, GAP))
            for dataset, networks in trained.items()
            for name, epochs in networks.items()
        ),
        text_columns=2,
    )


def _row(dataset: str, name: str, epochs: ByEpoch) -> tuple[str, ...]:
    last, best = epochs[-1], max(epochs, key=lambda one: one.mean(VALIDATION))
    return (
        dataset,
        name,
        count(last.like.epoch),
        last.score(TRAIN),
        last.score(VALIDATION),
        points(last.mean(GAP), 1),
        best.score(VALIDATION),
        count(best.like.epoch),
        count(len(last)),
    )
