"""Bars of networks, a row for each bar, in the networks' colours."""

from __future__ import annotations

import math
from collections.abc import Sequence

from labeltree.reports.charts import BarSeries
from labeltree.reports.palette import NUM_SERIES
from labeltree.reports.study.figures.architectures.networks import Networks
from labeltree.reports.words import known

Ends = tuple[float, float]

UNKNOWN: Ends = (math.nan, math.nan)
PLAIN = "series-baseline"


def network_bars(
    study: Networks, models: Sequence[str], values: Sequence[float], ends: Sequence[Ends] = ()
) -> tuple[BarSeries, ...]:
    """A series for each network, to be stacked: of each row, only one of them has a bar.

    Where there are more networks than colours, a colour says nothing, and a legend is longer than
    the rows, which have names: all are one series.

    Args:
        study: knows the colours.
        models: whose each bar is; a network may have several.
        values: how long the bars are.
        ends: of their intervals, if there are some.
    """
    names = list(dict.fromkeys(models))
    ends = ends or [UNKNOWN] * len(models)
    if len(names) > NUM_SERIES:
        return (_series("networks", PLAIN, values, ends),)
    found = []
    for name in names:
        look, mine = study.looks[name], [model == name for model in models]
        found.append(
            _series(
                look.name,
                look.role,
                [value if own else math.nan for value, own in zip(values, mine, strict=True)],
                [end if own else UNKNOWN for end, own in zip(ends, mine, strict=True)],
            )
        )
    return tuple(found)


def _series(name: str, role: str, values: Sequence[float], ends: Sequence[Ends]) -> BarSeries:
    if not any(known(low) for low, _ in ends):
        return BarSeries(name, tuple(values), role)
    low, high = zip(*ends, strict=True)
    return BarSeries(name, tuple(values), role, low, high)
