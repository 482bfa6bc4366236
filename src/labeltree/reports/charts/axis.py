"""What charts over axes have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Values = tuple[float, ...]
Shape = Literal["circle", "diamond", "square", "triangle", "cross"]


@dataclass(frozen=True)
class Axis:
    """What an axis measures and how far it reaches (None: as far as the data).

    `percent` shows fractions as percentages; `whole` puts ticks at whole numbers only. `log` gives
    equal factors equal lengths: for `Lines` of positive numbers, as far as the data reach.
    """

    label: str
    low: float | None = None
    high: float | None = None
    percent: bool = False
    whole: bool = False
    log: bool = False
