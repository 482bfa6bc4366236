"""How networks are called and drawn: one name, colour and sign each on the whole page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from labeltree.reports.charts import Shape
from labeltree.reports.palette import NUM_SERIES, series_role
from labeltree.reports.words import short_name

SHAPES: tuple[Shape, ...] = ("circle", "square", "diamond", "triangle", "cross")


@dataclass(frozen=True)
class Look:
    """A name that has room in a figure, a colour and a sign.

    `repeated` says that a network before has the same colour: then the sign must be seen.
    """

    name: str
    role: str
    shape: Shape
    repeated: bool


def looks_of(names: Iterable[str]) -> dict[str, Look]:
    """The looks of networks; long names that shorten to the same are numbered.

    Where the colours begin again, the signs do not: 25 networks are told apart.

    >>> [(look.name, look.role, look.shape) for look in looks_of(["vgg16", "resnet50"]).values()]
    [('vgg16', 'series-1', 'circle'), ('resnet50', 'series-2', 'square')]
    """
    short = {name: short_name(name) for name in names}
    times = Counter(short.values())
    return {
        name: Look(
            called if times[called] == 1 else f"{called} ({place + 1})",
            series_role(place),
            SHAPES[(place + place // NUM_SERIES) % len(SHAPES)],
            repeated=place >= NUM_SERIES,
        )
        for place, (name, called) in enumerate(short.items())
    }
