"""How each way of merging is drawn: always in the same colour and with the same sign."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from labeltree.reports.charts import Shape
from labeltree.reports.palette import series_role


@dataclass(frozen=True)
class Look:
    """A colour role, a shape of points and a style of line."""

    role: str
    shape: Shape
    style: Literal["line+points", "dashed"] = "line+points"


BASELINE = "flat"
VARIANTS: dict[str, Look] = {
    "separate": Look("series-1", "circle"),
    "merge-0": Look("series-2", "square"),
    "merge-1": Look("series-3", "diamond"),
    "merge-2": Look("series-4", "triangle"),
    "merge-3": Look("series-5", "cross"),
    BASELINE: Look("series-baseline", "circle", "dashed"),
}


def looks(names: Iterable[str]) -> dict[str, Look]:
    """A look for each name, those of the table first and in its order.

    >>> list(looks(["mine", "flat", "separate"]))
    ['separate', 'flat', 'mine']
    """
    there = list(dict.fromkeys(names))
    known = {name: look for name, look in VARIANTS.items() if name in there}
    others = [name for name in there if name not in VARIANTS]
    return known | {
        name: Look(series_role(position), "circle", "dashed")
        for position, name in enumerate(others)
    }
