"""How often each difference occurs, apart for losses and gains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from labeltree.reports.charts import Axis, Bars, BarSeries
from labeltree.reports.words import points

WIDTHS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
MOST_BINS = 21
_DIGITS = 9  # of a difference; what is left of equal ones is rounding
_ROUNDING = 1e-6  # of a bin

# From the left to the right; a colour says on which side of zero a class is.
SIDES = {
    "lost": ("series-2", -1),
    "the same": ("series-baseline", 0),
    "gained": ("series-1", 1),
}


def histograms(differences: Mapping[str, Sequence[float]], label: str) -> tuple[Bars, ...]:
    """Shares of differences (fractions) by their size, in bins that are centred on zero.

    Differences of accuracies are steps of one image, and many lie where two bins meet: those count
    half in each, or the bin at zero would be too low or too high.

    Args:
        differences: by the title of their panel, at least one in each; panels have the same bins.
        label: what they are; the unit and the width of a bin are added.
    """
    panels = {
        title: np.array([round(one, _DIGITS) for one in values], dtype=np.float64)
        for title, values in differences.items()
    }
    every = np.concatenate(list(panels.values()))
    width = next((one for one in WIDTHS if np.ptp(every) / one < MOST_BINS - 1), WIDTHS[-1])
    centres = np.arange(_lower(every / width).min(), _upper(every / width).max() + 1)
    digits = 0 if width >= WIDTHS[1] else 1
    sides = {name: role for name, (role, sign) in SIDES.items() if (np.sign(every) == sign).any()}
    return tuple(
        Bars(
            categories=tuple(points(float(centre * width), digits) for centre in centres),
            series=tuple(
                BarSeries(name, _side(values, SIDES[name][1], width, centres), role)
                for name, role in sides.items()
            ),
            axis=Axis("share of the classes", 0, percent=True),
            category_label=f"{label}, points (bins of {100 * width:g})",
            upright=True,
            title=title,
            stacked=True,
        )
        for title, values in panels.items()
    )


def _side(
    values: NDArray[np.float64], sign: int, width: float, centres: NDArray[np.int64]
) -> tuple[float, ...]:
    """The shares of all values that lie on one side of zero, by bins."""
    mine = values[np.sign(values) == sign]
    return tuple((_shares(mine / width, centres) / len(values)).tolist())


def _shares(places: NDArray[np.float64], centres: NDArray[np.int64]) -> NDArray[np.float64]:
    """How many fall into each bin, those on a border half on each side."""
    found = np.zeros(len(centres))
    for bins in (_lower(places), _upper(places)):
        np.add.at(found, bins - centres[0], 0.5)
    return found


def _lower(places: NDArray[np.float64]) -> NDArray[np.int64]:
    """The bin of each place; on a border the one below."""
    return np.ceil(places - 0.5 - _ROUNDING).astype(np.int64)


def _upper(places: NDArray[np.float64]) -> NDArray[np.int64]:
    """The bin of each place; on a border the one above."""
    return np.floor(places + 0.5 + _ROUNDING).astype(np.int64)
