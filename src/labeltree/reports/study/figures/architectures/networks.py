"""The networks of each data set, their runs taken together over seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from labeltree.reports.record import Json
from labeltree.reports.study.figures.architectures.looks import Look, looks_of
from labeltree.reports.study.figures.architectures.record import (
    Choice,
    Comparisons,
    Epoch,
    Matrix,
    Mistakes,
    Row,
    parse,
)
from labeltree.reports.study.figures.seeds import Seeds, together

ByDataset = dict[str, list[Seeds[Row]]]


@dataclass(frozen=True, eq=False)
class Networks:
    """What was compared.

    Attributes:
        parts: of the record.
        looks: of all networks, in the order of the record.
        by_dataset: the networks of each data set, as far as they have rows.
    """

    parts: Comparisons
    looks: Mapping[str, Look]
    by_dataset: Mapping[str, Sequence[Seeds[Row]]]

    def look(self, one: Seeds[Row]) -> Look:
        """Of a network."""
        return self.looks[one.like.model]

    def choice(self, dataset: str) -> Choice:
        """What is said of a data set; nothing where the record says nothing."""
        return next((one for one in self.parts.choices if one.dataset == dataset), Choice())

    def mean(self, dataset: str, model: str, key: str) -> float | None:
        """A figure of one network over its seeds; None where there is no such network."""
        rows = self.by_dataset.get(dataset, ())
        return next((one.mean(key) for one in rows if one.like.model == model), None)

    def having(self, *keys: str) -> ByDataset:
        """The networks that have all these figures; data sets without one are left out."""
        found = {
            dataset: [one for one in networks if one.has(*keys)]
            for dataset, networks in self.by_dataset.items()
        }
        return {dataset: networks for dataset, networks in found.items() if networks}


def read(record: Json) -> Networks:
    """The networks of a record.

    Raises:
        ModelFolderError: a part is of another shape.
    """
    parts = parse(record)
    by_dataset: ByDataset = {}
    for one in together(parts.rows, lambda row: (row.dataset, row.model)):
        by_dataset.setdefault(one.like.dataset, []).append(one)
    named: list[Row | Epoch | Matrix | Mistakes] = [*parts.rows, *parts.curves]
    named += [*parts.matrices, *parts.mistakes]
    return Networks(parts, looks_of(dict.fromkeys(one.model for one in named)), by_dataset)
