"""What each network costs: weights, memory, speed and time of training."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from labeltree.reports.charts import Axis, Bars, Figure, Table
from labeltree.reports.costs import COSTS
from labeltree.reports.record import Json
from labeltree.reports.study.figures.architectures.bars import network_bars
from labeltree.reports.study.figures.architectures.folding import (
    drawn_datasets,
    drawn_networks,
    left_out_told,
    told_of_each,
)
from labeltree.reports.study.figures.architectures.networks import Networks, read
from labeltree.reports.study.figures.architectures.record import Row
from labeltree.reports.study.figures.seeds import Seeds, seeds_told
from labeltree.reports.words import compact, count, duration, large, listed, printable, short_name


class Kind(NamedTuple):
    """One cost: its panel and axis, who is best in it, in words, and what the axis divides by."""

    title: str
    axis: str
    best: str
    in_words: Callable[[float], str]
    scale: float = 1.0


SPEED = "images_per_second"
KINDS = {
    "params": Kind("parameters", "millions", "fewest parameters", large, 1e6),
    "peak_memory_mb": Kind("peak memory", "MB", "least memory", COSTS["peak_memory_mb"][1]),
    "seconds_per_epoch": Kind(
        "an epoch of training", "seconds", "shortest epochs", COSTS["seconds_per_epoch"][1]
    ),
    SPEED: Kind("images a second", "images (more is better)", "most images a second", count),
}


def cost(record: Json) -> Figure | None:
    """A panel per data set and kind of cost with a bar per network; None where none is known."""
    study = read(record)
    known = {
        dataset: there
        for dataset, networks in study.by_dataset.items()
        if (there := [one for one in networks if any(map(one.has, KINDS))])
    }
    if not known:
        return None
    datasets = list(known)
    drawn = drawn_datasets(datasets, panels=len(KINDS))
    lead = told_of_each(datasets, lambda dataset: _lead(dataset, known[dataset]))
    every = [one for networks in known.values() for one in networks]
    return Figure(
        name="cost",
        title="What the networks cost",
        lead=lead,
        alt=f"Bars: parameters, memory, seconds an epoch, images a second. {lead}",
        panels=tuple(
            panel for dataset in drawn for panel in _panels(study, dataset, known[dataset])
        ),
        table=_table(every),
        note="Beside each name stands its number: where a factor is large, a bar may be too short "
        f"to be seen. Times and memory are of the machine named below. {seeds_told(every, '')}"
        + left_out_told(datasets, drawn, max(map(len, known.values()))),
    )


def _panels(study: Networks, dataset: str, networks: Sequence[Seeds[Row]]) -> Iterator[Bars]:
    for key, kind in KINDS.items():
        there = [one for one in networks if one.has(key)]
        names = drawn_networks(study, dataset, [one.like.model for one in there])
        shown = [one for one in there if one.like.model in names]
        if shown:
            title = ": ".join(filter(None, (short_name(dataset), kind.title)))
            yield _draw(study, shown, key, title)


def _draw(study: Networks, shown: Sequence[Seeds[Row]], key: str, title: str) -> Bars:
    """Bars begin at zero, which the logarithm has not: their numbers are beside the names."""
    kind = KINDS[key]
    looks = [study.look(one) for one in shown]
    values = [one.mean(key) / kind.scale for one in shown]
    return Bars(
        categories=tuple(
            f"{look.name}  {kind.in_words(one.mean(key))}"
            for look, one in zip(looks, shown, strict=True)
        ),
        series=network_bars(study, [one.like.model for one in shown], values),
        axis=Axis(kind.axis, 0, max(values) or None),
        title=title,
        stacked=True,  # of the series, each row has one
    )


def _lead(dataset: str, networks: Sequence[Seeds[Row]]) -> str:
    """Who costs least, kind by kind; a network is named once for all that it is best in."""
    found: dict[str, list[str]] = {}
    for key, kind in KINDS.items():
        there = [one for one in networks if one.has(key)]
        if there:
            best = (max if key == SPEED else min)(there, key=lambda one: one.mean(key))
            told = f"the {kind.best} ({kind.in_words(best.mean(key))})"
            found.setdefault(best.like.model, []).append(told)
    where = f"On {printable(dataset)}, " if dataset else ""
    parts = [f"{printable(model)} has {listed(told)}" for model, told in found.items()]
    if len(networks) == 1:
        parts = [_alone(networks[0])]
    return f"{where}{'; '.join(parts)}."


def _alone(one: Seeds[Row]) -> str:
    """All that is known of a network that nothing stands beside."""
    there = {key: kind for key, kind in KINDS.items() if one.has(key)}
    told = (f"{kind.title} {kind.in_words(one.mean(key))}" for key, kind in there.items())
    return f"{printable(one.like.model)}: {', '.join(told)}"


def _table(networks: Sequence[Seeds[Row]]) -> Table:
    columns = {
        "parameters": lambda one: large(one.mean("params")),
        "weights, MB": lambda one: compact(one.mean("weight_mb")),
        "multiply–adds": lambda one: large(one.mean("macs")),
        "peak memory, MB": lambda one: count(one.mean("peak_memory_mb")),
        "s an epoch": lambda one: compact(one.mean("seconds_per_epoch")),
        "training": lambda one: duration(one.mean("training_seconds")),
        "images a second": lambda one: count(one.mean("images_per_second")),
        "image side": lambda one: count(one.mean("image_size")),
        "seeds": lambda one: count(len(one)),
    }
    return Table(
        ("data set", "network", *columns),
        tuple(
            (one.like.dataset, one.like.model, *(tell(one) for tell in columns.values()))
            for one in networks
        ),
        text_columns=2,
    )
