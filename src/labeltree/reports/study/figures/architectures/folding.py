"""How much is drawn and told: as much as can be read. The tables hold the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from labeltree.reports.study.figures.architectures.networks import Networks
from labeltree.reports.words import known, plural

MOST_PANELS = 12  # of a figure
MOST_NETWORKS = 10  # of a panel
MOST_TOLD = 3  # data sets in a lead


def drawn_datasets(datasets: Iterable[str], panels: int = 1) -> list[str]:
    """Those that have room, where each takes so many panels."""
    return list(datasets)[: max(1, MOST_PANELS // panels)]


def drawn_networks(
    study: Networks, dataset: str, names: Sequence[str], most: int = MOST_NETWORKS
) -> list[str]:
    """Those that have room, in their order: the recommended one and the most accurate."""
    recommended = study.choice(dataset).recommended

    def rank(name: str) -> tuple[bool, float]:
        top1 = study.mean(dataset, name, "top1")
        return name != recommended, -top1 if known(top1) else 1.0

    kept = set(sorted(names, key=rank)[:most])
    return [name for name in names if name in kept]


def left_out_told(
    datasets: Sequence[str], drawn: Sequence[str], networks: int = 0, most: int = MOST_NETWORKS
) -> str:
    """What is in the table only, in words that begin with a space; "" if nothing is.

    Args:
        datasets: all.
        drawn: those that are drawn.
        networks: how many the data set with most of them has.
        most: how many a panel draws.

    >>> left_out_told(["a", "b"], ["a"], 12)
    ' Of 12 networks, 10 are drawn: the recommended and the most accurate. 1 more data set is in \
the table only.'
    """
    told = ""
    if networks > most:
        which = "the recommended and the most accurate"
        told += f" Of {plural(networks, 'network')}, {most} are drawn: {which}."
    if more := len(datasets) - len(drawn):
        told += (
            f" {plural(more, 'more data set')} {'is' if more == 1 else 'are'} in the table only."
        )
    return told


def told_of_each(datasets: Sequence[str], tell: Callable[[str], str]) -> str:
    """A sentence for each of the first data sets that there is something to tell of."""
    sentences = [sentence for dataset in datasets if (sentence := tell(dataset))]
    if not (more := len(sentences) - MOST_TOLD) > 0:
        return " ".join(sentences)
    return f"{' '.join(sentences[:MOST_TOLD])} For {plural(more, 'more data set')}, see the table."
