"""Figures of a training by epoch, over seeds, as lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from labeltree.reports.charts import Series
from labeltree.reports.study.figures.architectures.looks import Look
from labeltree.reports.study.figures.architectures.record import Epoch
from labeltree.reports.study.figures.seeds import Seeds, together
from labeltree.reports.words import known

FEW_EPOCHS = 3

ByEpoch = list[Seeds[Epoch]]  # from the first epoch to the last


def by_network(curves: Iterable[Epoch]) -> dict[str, dict[str, ByEpoch]]:
    """The epochs of each data set's networks."""
    found: dict[str, dict[str, ByEpoch]] = {}
    for one in together(curves, lambda row: (row.dataset, row.model)):
        epochs = sorted(one.rows, key=lambda row: row.epoch)
        networks = found.setdefault(one.like.dataset, {})
        networks[one.like.model] = together(epochs, lambda row: row.epoch)
    return found


def having(epochs: ByEpoch, *keys: str) -> ByEpoch:
    """Those of which all these figures are known."""
    return [one for one in epochs if one.has(*keys)]


def curve(
    epochs: ByEpoch, key: str, look: Look, name: str = "", dashed: bool = False
) -> Series | None:
    """A line with a band of one standard deviation; None where no epoch has the figure.

    A line has signs where another has its colour, and where it is too short to be seen.
    """
    there = having(epochs, key)
    if not there:
        return None
    ends = [one.ends(key) for one in there]
    banded = all(known(low) for low, _ in ends)
    signs = look.repeated or len(there) <= FEW_EPOCHS
    style: Literal["line", "dashed", "line+points"] = "line+points" if signs else "line"
    return Series(
        name or look.name,
        tuple(float(one.like.epoch) for one in there),
        tuple(one.mean(key) for one in there),
        look.role,
        low=tuple(low for low, _ in ends) if banded else (),
        high=tuple(high for _, high in ends) if banded else (),
        style="dashed" if dashed and len(there) > 1 else style,
        shape=look.shape,
    )


def seeds_of(networks: Iterable[ByEpoch]) -> Sequence[Seeds[Epoch]]:
    """Every epoch, to say over how many seeds it is."""
    return [one for epochs in networks for one in epochs]
