"""Top-1 and top-5 accuracy of each network: figures 2, 4 and 6."""

from __future__ import annotations

from collections.abc import Sequence

from labeltree.reports.charts import Axis, Bars, BarSeries, Figure, Table
from labeltree.reports.record import Json
from labeltree.reports.study.figures.architectures.bars import UNKNOWN, Ends, network_bars
from labeltree.reports.study.figures.architectures.folding import (
    drawn_datasets,
    drawn_networks,
    left_out_told,
    told_of_each,
)
from labeltree.reports.study.figures.architectures.networks import Networks, read
from labeltree.reports.study.figures.architectures.record import Row
from labeltree.reports.study.figures.seeds import Seeds, seeds_told
from labeltree.reports.words import count, known, listed, percent, printable, short_name

TOP1, TOP5 = "top1", "top5"
# A figure of a run: what it is called, and where the paper's stands.
KINDS = {TOP1: ("top-1", "paper_top1"), TOP5: ("top-5", "paper_top5")}


def accuracy(record: Json) -> Figure | None:
    """A panel per data set with bars for each network; None where no accuracy was measured."""
    study = read(record)
    measured = study.having(TOP1)
    if not measured:
        return None
    datasets = list(measured)
    drawn = drawn_datasets(datasets)
    lead = told_of_each(datasets, lambda dataset: _lead(dataset, measured[dataset]))
    every = [one for networks in measured.values() for one in networks]
    published = " Diamonds are the paper's." if _has_paper(every) else ""
    return Figure(
        name="accuracy",
        title="How often each network is right",
        lead=lead,
        alt=f"Bars: top-1 and top-5 accuracy of each network. {lead}",
        panels=tuple(_draw(study, dataset, measured[dataset]) for dataset in drawn),
        table=_table(every),
        note="Share of the test images whose label is the first answer (top-1) or among the first "
        f"five (top-5).{published} {seeds_told(every, '')} {_intervals_told(every)}"
        + left_out_told(datasets, drawn, max(map(len, measured.values()))),
    )


def reach(one: Seeds[Row], key: str) -> Ends:
    """How far an accuracy varies.

    Over several seeds one standard deviation; of one run's top-1 the 95 % Wilson interval.
    """
    if len(one.values(key)) > 1:
        low, high = one.ends(key)
        return max(0.0, low), min(1.0, high)
    row = one.like
    if key == TOP1 and known(row.low) and known(row.high):
        return row.low, row.high
    return UNKNOWN


def _draw(study: Networks, dataset: str, networks: Sequence[Seeds[Row]]) -> Bars:
    """A row for each bar, so that a network keeps its colour for both kinds of accuracy."""
    names = drawn_networks(study, dataset, [one.like.model for one in networks])
    shown = [one for one in networks if one.like.model in names]
    bars = [(one, key) for key in KINDS for one in shown if one.has(key)]
    drawn = network_bars(
        study,
        [one.like.model for one, _ in bars],
        [one.mean(key) for one, key in bars],
        [reach(one, key) for one, key in bars],
    )
    published = tuple(_published(one, key) for one, key in bars)
    paper = BarSeries("the paper", published, "ink", shape="diamond")
    return Bars(
        categories=tuple(
            f"{study.look(one).name}, {KINDS[key][0]}  {percent(one.mean(key))}"
            for one, key in bars
        ),
        series=(*drawn, *([paper] if any(map(known, published)) else [])),
        axis=Axis("right answers", 0, 1, percent=True),
        title=short_name(dataset),
        stacked=True,  # of the series, each row has one
    )


def _published(one: Seeds[Row], key: str) -> float:
    return one.mean(KINDS[key][1])


def _has_paper(networks: Sequence[Seeds[Row]]) -> bool:
    return any(one.has(paper) for one in networks for _, paper in KINDS.values())


def _intervals_told(networks: Sequence[Seeds[Row]]) -> str:
    several = [len(one.values(TOP1)) > 1 for one in networks]
    kinds = [
        *(["one standard deviation over the seeds"] if any(several) else []),
        *(["the 95 % interval of one run's top-1 (Wilson)"] if not all(several) else []),
    ]
    return f"The line at the end of a bar is {' or '.join(kinds)}."


def _lead(dataset: str, networks: Sequence[Seeds[Row]]) -> str:
    top = max(one.mean(TOP1) for one in networks)
    best = [one for one in networks if one.mean(TOP1) == top]
    names = listed(printable(one.like.model) for one in best)
    where = f"On {printable(dataset)}, " if dataset else ""
    if len(networks) == 1:
        return f"{where}{names} answers {best[0].score(TOP1)} of the test images rightly."
    worst = min(networks, key=lambda one: one.mean(TOP1))
    return (
        f"{where}{names} {'is' if len(best) == 1 else 'are'} best with {best[0].score(TOP1)} "
        f"right, {printable(worst.like.model)} last with {worst.score(TOP1)}."
    )


def _table(networks: Sequence[Seeds[Row]]) -> Table:
    papers = list(KINDS.values()) if _has_paper(networks) else []
    return Table(
        (
            *("data set", "network", "top-1", "from", "to", "top-5"),
            *(f"paper, {name}" for name, _ in papers),
            *("test images", "seeds"),
        ),
        tuple(
            (
                one.like.dataset,
                one.like.model,
                one.score(TOP1),
                *(percent(end) for end in reach(one, TOP1)),
                one.score(TOP5),
                *(percent(one.mean(key)) for _, key in papers),
                count(one.mean("images")),
                count(len(one)),
            )
            for one in networks
        ),
        text_columns=2,
    )
