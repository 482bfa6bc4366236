"""Training against validation accuracy by epoch: who learns the training images by heart."""

from __future__ import annotations

from labeltree.reports.charts import Axis, Figure, Lines, Series, Table
from labeltree.reports.palette import NUM_SERIES
from labeltree.reports.record import Json
from labeltree.reports.study.figures.architectures.curves import (
    ByEpoch,
    by_network,
    curve,
    having,
    seeds_of,
)
from labeltree.reports.study.figures.architectures.folding import (
    drawn_datasets,
    drawn_networks,
    left_out_told,
    told_of_each,
)
from labeltree.reports.study.figures.architectures.networks import Networks, read
from labeltree.reports.study.figures.seeds import seeds_told
from labeltree.reports.words import count, points, printable, short_name

TRAIN, VALIDATION, GAP = "train_top1", "validation_top1", "gap"
MOST_NETWORKS = NUM_SERIES  # each has two lines of one colour, and no signs

ByNetwork = dict[str, ByEpoch]


def overfitting(record: Json) -> Figure | None:
    """A panel per data set with two lines for each network; None where not both were told."""
    study = read(record)
    trained = {
        dataset: there
        for dataset, networks in by_network(study.parts.curves).items()
        if (there := {name: epochs for name, epochs in networks.items() if having(epochs, GAP)})
    }
    if not trained:
        return None
    datasets = list(trained)
    drawn = drawn_datasets(datasets)
    lead = told_of_each(datasets, lambda dataset: _lead(dataset, trained[dataset]))
    every = [epochs for networks in trained.values() for epochs in networks.values()]
    many = max(map(len, trained.values()))
    return Figure(
        name="overfitting",
        title="Which networks learn the training images by heart",
        lead=lead,
        alt=f"Lines by epoch: training and validation accuracy of each network. {lead}",
        panels=tuple(_draw(study, dataset, trained[dataset]) for dataset in drawn),
        table=_table(trained),
        note="The farther a dashed line (training) lies above the one of its colour (validation), "
        "the less of what was learned holds for other images. Training accuracy is taken during "
        "the epoch: early on it may lie below. "
        + seeds_told(seeds_of(every), "; bands are one standard deviation")
        + left_out_told(datasets, drawn, many, MOST_NETWORKS),
    )


def _draw(study: Networks, dataset: str, networks: ByNetwork) -> Lines:
    names = drawn_networks(study, dataset, list(networks), MOST_NETWORKS)
    series = [line for name in names for line in _lines(study, name, networks[name])]
    return Lines(
        tuple(series),
        Axis("epoch", whole=True),
        Axis("right answers", percent=True),
        title=short_name(dataset),
    )


def _lines(study: Networks, name: str, epochs: ByEpoch) -> list[Series]:
    look = study.looks[name]
    made = (
        curve(epochs, TRAIN, look, f"{look.name}, training", dashed=True),
        curve(epochs, VALIDATION, look, f"{look.name}, validation"),
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
