"""Accuracy, training loss and seconds by epoch: figures 3, 5 and 7."""

from __future__ import annotations

from collections.abc import Iterator

from labeltree.reports.charts import Axis, Figure, Lines, Table
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
from labeltree.reports.words import compact, count, percent, printable, short_name

ACCURACY, VALIDATION, LOSS = "train_top1", "validation_top1", "train_loss"
SECONDS = "seconds"
PANELS = {
    ACCURACY: ("training accuracy", Axis("right on the training images", percent=True)),
    VALIDATION: ("validation accuracy", Axis("right on the validation images", percent=True)),
    LOSS: ("training loss", Axis("loss (nats)", 0)),
    SECONDS: ("time of an epoch", Axis("seconds", 0)),
}
FACTOR = 20  # between the networks, from which seconds are drawn by their logarithm
MOST_TABLE_ROWS = 1000

ByNetwork = dict[str, ByEpoch]


def training(record: Json) -> Figure | None:
    """Four panels per data set with a line for each network; None where no epoch was told."""
    study = read(record)
    trained = {
        dataset: there
        for dataset, networks in by_network(study.parts.curves).items()
        if (there := {name: epochs for name, epochs in networks.items() if _told(epochs)})
    }
    if not trained:
        return None
    datasets = list(trained)
    drawn = drawn_datasets(datasets, panels=len(PANELS))
    lead = told_of_each(datasets, lambda dataset: _lead(dataset, trained[dataset]))
    every = [epochs for networks in trained.values() for epochs in networks.values()]
    return Figure(
        name="training",
        title="How the networks learned",
        lead=lead,
        alt=f"Lines by epoch: accuracy, training loss and seconds. {lead}",
        panels=tuple(
            panel for dataset in drawn for panel in _panels(study, dataset, trained[dataset])
        ),
        table=_table(trained),
        note="Training accuracy and loss are taken during the epoch, while the network changes. "
        + seeds_told(seeds_of(every), "; bands are one standard deviation")
        + left_out_told(datasets, drawn, max(map(len, trained.values()))),
    )


def _told(epochs: ByEpoch) -> bool:
    return any(having(epochs, key) for key in PANELS)


def _panels(study: Networks, dataset: str, networks: ByNetwork) -> Iterator[Lines]:
    names = drawn_networks(study, dataset, list(networks))
    for key, (what, axis) in PANELS.items():
        series = tuple(
            one for name in names if (one := curve(networks[name], key, study.looks[name]))
        )
        if series:
            values = [value for one in series for value in one.y]
            if key == SECONDS and min(values) > 0 and max(values) > FACTOR * min(values):
                axis = Axis(axis.label, log=True)
            title = ": ".join(filter(None, (short_name(dataset), what)))
            yield Lines(series, Axis("epoch", whole=True), axis, title=title)


def _lead(dataset: str, networks: ByNetwork) -> str:
    """Who fits the training images best in the end, and whose epochs are short."""
    ends = {
        name: there[-1].mean(ACCURACY)
        for name, epochs in networks.items()
        if (there := having(epochs, ACCURACY))
    }
    times = {name: _seconds(epochs) for name, epochs in networks.items() if having(epochs, SECONDS)}
    parts = []
    if ends:
        best = max(ends, key=ends.__getitem__)
        parts.append(
            f"{printable(best)} ends with {percent(ends[best])} of the training images right"
        )
    if times:
        least, most = min(times, key=times.__getitem__), max(times, key=times.__getitem__)
        slowest = f", of {printable(most)} {compact(times[most])} s" if most != least else ""
        parts.append(f"an epoch of {printable(least)} takes {compact(times[least])} s{slowest}")
    where = f"On {printable(dataset)}, " if dataset else ""
    return f"{where}{'; '.join(parts)}." if parts else ""


def _seconds(epochs: ByEpoch) -> float:
    """Of an epoch: the mean without the first, in which much is made ready, if there are more."""
    there = having(epochs, SECONDS)
    later = there[1:] or there
    return sum(one.mean(SECONDS) for one in later) / len(later)


def _table(trained: dict[str, ByNetwork]) -> Table:
    rows = [
        (
            dataset,
            name,
            count(one.like.epoch),
            one.score(ACCURACY),
            one.score(VALIDATION),
            compact(one.mean(LOSS)),
            compact(one.mean(SECONDS)),
            count(len(one)),
        )
        for dataset, networks in trained.items()
        for name, epochs in networks.items()
        for one in epochs
    ]
    return Table(
        (
            *("data set", "network", "epoch", "training top-1", "validation top-1"),
            *("training loss", "seconds", "seeds"),
        ),
        tuple(rows[:MOST_TABLE_ROWS]),
        text_columns=2,
        left_out=max(0, len(rows) - MOST_TABLE_ROWS),
    )
