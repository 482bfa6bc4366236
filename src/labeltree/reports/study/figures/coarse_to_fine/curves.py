"""Settings as lines over their costs: a system has one colour and one sign in all panels."""

from __future__ import annotations

from collections.abc import Sequence

from labeltree.reports.charts import Axis, Series, Shape
from labeltree.reports.palette import NUM_SERIES, series_role
from labeltree.reports.study.figures.coarse_to_fine.groups import by_name, flat_of
from labeltree.reports.study.figures.coarse_to_fine.price import Price, unbeaten
from labeltree.reports.study.figures.coarse_to_fine.record import TOP1, Setting
from labeltree.reports.words import known

SHAPES: tuple[Shape, ...] = ("circle", "square", "diamond", "triangle", "cross")
BASELINE = "series-baseline"
ROOM = 0.05  # of the axis, at either end


def accuracy_axis(settings: Sequence[Setting]) -> Axis:
    """From the lowest to the highest that is drawn: the same axis for all panels."""
    ends = [end for one in settings for end in (one.mean(TOP1), *one.reach(TOP1)) if known(end)]
    room = ROOM * (max(ends) - min(ends)) or 0.01
    return Axis(
        "top-1 accuracy", max(0.0, min(ends) - room), min(1.0, max(ends) + room), percent=True
    )


def baseline_curves(settings: Sequence[Setting], price: Price) -> list[Series]:
    """The line of the flat networks; then those below it, and others that have no router."""
    line = unbeaten(flat_of(settings), price)
    others = by_name(one for one in settings if not one.like.routing and one not in line)
    found = [_series("flat networks", line, BASELINE, SHAPES[0], price)] if line else []
    found += [
        _series(name, price.sorted(mine), BASELINE, SHAPES[place % len(SHAPES)], price)
        for place, (name, mine) in enumerate(others.items(), start=1)
    ]
    return found


def system_curve(name: str, settings: Sequence[Setting], place: int, price: Price) -> Series:
    """A system over its routings.

    Where the colours begin again, the signs do not: 25 systems are told apart.
    """
    shape = SHAPES[(place + place // NUM_SERIES) % len(SHAPES)]
    return _series(name, settings, series_role(place), shape, price)


def _series(
    name: str, settings: Sequence[Setting], role: str, shape: Shape, price: Price
) -> Series:
    x = tuple(price.of(one) for one in settings)
    ends = [one.reach(TOP1) for one in settings]
    banded = len(set(x)) > 1 and all(known(low) for low, _ in ends)
    return Series(
        name,
        x,
        tuple(one.mean(TOP1) for one in settings),
        role,
        low=tuple(low for low, _ in ends) if banded else (),
        high=tuple(high for _, high in ends) if banded else (),
        style="line+points",
        shape=shape,
        texts=tuple(
            f"{one.told}: {one.score(TOP1)}, {price.told(one)} {price.unit}" for one in settings
        ),
    )
