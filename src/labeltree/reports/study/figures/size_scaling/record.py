"""What the figures read of the study's record."""

from __future__ import annotations

from typing import Self, TypeVar

from pydantic import Field

from labeltree.reports.record import Json
from labeltree.reports.study.record import Part, parse
from labeltree.reports.words import known


class Row(Part):
    """All data sets of one size."""

    num_classes: float
    num_datasets: int | None = None
    error_mean: float | None = None
    error_sd: float | None = None


class DataSet(Part):
    """One data set, of those measured here or of the paper's means."""

    num_classes: float
    error: float | None = None


class Growth(Part):
    """The error grows as the number of classes to the power of `exponent`."""

    exponent: float | None = None
    low: float | None = None
    high: float | None = None


class Scaling(Part):
    """The study's own parts, in the order of the number of classes."""

    rows: tuple[Row, ...] = ()
    datasets: tuple[DataSet, ...] = ()
    growth: Growth = Field(default_factory=Growth)
    paper: tuple[DataSet, ...] = ()

    @classmethod
    def of(cls, record: Json) -> Self:
        """From the record; sizes without an error are left out."""
        found = parse(cls, record)
        return found.model_copy(
            update={
                "rows": _sorted(found.rows, "error_mean"),
                "datasets": _sorted(found.datasets, "error"),
                "paper": _sorted(found.paper, "error"),
            }
        )

    @property
    def measured(self) -> list[tuple[float, float]]:
        """Number of classes and mean error of each size."""
        return [(row.num_classes, row.error_mean) for row in self.rows if known(row.error_mean)]

    @property
    def published(self) -> list[tuple[float, float]]:
        """The same of the paper."""
        return [(one.num_classes, one.error) for one in self.paper if known(one.error)]


P = TypeVar("P", Row, DataSet)


def _sorted(parts: tuple[P, ...], figure: str) -> tuple[P, ...]:
    there = [
        one
        for one in parts
        if known(one.num_classes) and one.num_classes >= 1 and known(getattr(one, figure))
    ]
    return tuple(sorted(there, key=lambda one: one.num_classes))
