"""How the error grows with the number of classes."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from labeltree.studies.leaf_answers import LeafAnswers
from labeltree.studies.members import TrainedMember

CONFIDENCE = 0.95


@dataclass(frozen=True, eq=False)
class Growth:
    """Errors of all data sets of each size, and the power law through their means.

    Attributes:
        errors: number of classes to the errors of its data sets, ascending.
        exponent: e in `error ∝ classes^e`, by least squares on the logarithms of the means.
        low: lower end of its 95 % interval; NaN with fewer than three sizes.
        high: upper end.

    The interval tells how well the means lie on one power law (t with two degrees of freedom
    fewer than sizes). Data sets are no independent draws, large ones share classes: their spread
    within a size is told beside it and not used for it.
    """

    errors: dict[int, NDArray[np.float64]]
    exponent: float
    low: float
    high: float

    @classmethod
    def of(cls, members: Sequence[TrainedMember]) -> Self:
        """From trained members; several networks on the same data set count as one, their mean."""
        networks: dict[tuple[int, str], list[float]] = {}
        images: dict[int, int] = {}
        for member in members:
            answers = LeafAnswers.of_test(member)
            size = int(member.labels["classes"])
            images[size] = len(answers.targets)
            networks.setdefault((size, _data_set(member)), []).append(answers.error)
        errors: dict[int, list[float]] = {}
        for size, data_set in sorted(networks):
            errors.setdefault(size, []).append(float(np.mean(networks[size, data_set])))
        # Half a wrong image where there is none: 0 has no logarithm.
        means = [
            (math.log(size), math.log(max(float(np.mean(one)), 0.5 / images[size])))
            for size, one in errors.items()
        ]
        arrays = {size: np.array(one) for size, one in errors.items()}
        return cls(arrays, *_power_law(np.array(means)))

    @property
    def factor_per_decade(self) -> tuple[float, float, float]:
        """By what the error is multiplied when there are ten times as many classes, with ends."""
        return 10**self.exponent, 10**self.low, 10**self.high

    @property
    def relative(self) -> list[tuple[float, float]]:
        """Classes and mean error of each size by those of the smallest (figure 1)."""
        (first, least), *_ = ((size, errors.mean()) for size, errors in self.errors.items())
        return [
            (size / first, float(errors.mean() / least) if least else math.nan)
            for size, errors in self.errors.items()
        ]

    def rows(self) -> list[dict[str, Any]]:
        """For the record (table 2 and figure 1); what is not defined is None."""
        return [
            {
                "num_classes": size,
                "num_datasets": len(errors),
                "error_mean": float(errors.mean()),
                "error_sd": float(errors.std(ddof=1)) if len(errors) > 1 else None,
                "relative_classes": classes,
                "relative_error": None if math.isnan(error) else error,
            }
            for (size, errors), (classes, error) in zip(
                self.errors.items(), self.relative, strict=True
            )
        ]

    def datasets(self) -> list[dict[str, Any]]:
        """For the record: the error of every data set."""
        return [
            {"num_classes": size, "error": float(error)}
            for size, errors in self.errors.items()
            for error in errors
        ]

    def exponent_row(self) -> dict[str, float | None]:
        """For the record: the exponent and the ends of its interval, None where it has none."""
        values = {"exponent": self.exponent, "low": self.low, "high": self.high}
        return {key: None if math.isnan(value) else value for key, value in values.items()}


def _data_set(member: TrainedMember) -> str:
    """What tells the data sets of one size apart: which classes were drawn."""
    return json.dumps(member.record["recipe"]["data_options"], sort_keys=True)


def _power_law(logs: NDArray[np.float64]) -> tuple[float, float, float]:
    """Slope of the second column on the first, with its interval."""
    from scipy.special import stdtrit

    x, y = (logs - logs.mean(axis=0)).T
    slope = float(x @ y / (x @ x))
    free = len(logs) - 2
    if free < 1:
        return slope, math.nan, math.nan
    error = math.sqrt(((y - slope * x) ** 2).sum() / free / (x @ x))
    reach = float(stdtrit(free, (1 + CONFIDENCE) / 2)) * error
    return slope, slope - reach, slope + reach
