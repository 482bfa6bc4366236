"""The entries of one data set: by model and seed, and which were tested on the same images."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from statistics import fmean, stdev

from labeltree.comparison.entries import Entry
from labeltree.comparison.rows import Row, row_of
from labeltree.comparison.same_images import same_images

Runs = dict[int, Entry]
"""Of one model, by seed in ascending order."""


@dataclass(frozen=True, eq=False)
class DataSet:
    """What was measured on one data set.

    Attributes:
        name: of the data set.
        models: the runs of each model, in the order in which they were first named.
    """

    name: str
    models: dict[str, Runs]

    @cached_property
    def entries(self) -> list[Entry]:
        """All runs, model by model."""
        return [entry for runs in self.models.values() for entry in runs.values()]

    @cached_property
    def rows(self) -> list[Row]:
        """The figures of each."""
        return [row_of(entry) for entry in self.entries]

    @cached_property
    def images(self) -> dict[tuple[str, int], int]:
        """For model and seed a number, equal where the test images are the same."""
        numbers = same_images(self.entries)
        keys = [(entry.model, entry.seed) for entry in self.entries]
        return dict(zip(keys, numbers, strict=True))

    @property
    def pairs(self) -> Iterator[tuple[str, str]]:
        """Every two models."""
        return combinations(self.models, 2)

    def same(self, a: Entry, b: Entry) -> bool:
        """Whether two runs were tested on the same images."""
        return self.images[a.model, a.seed] == self.images[b.model, b.seed]

    def common(self, a: str, b: str) -> list[tuple[Entry, Entry]]:
        """Runs of two models with the same seed and the same test images, the lowest seed first."""
        first, second = self.models[a], self.models[b]
        pairs = [(first[seed], second[seed]) for seed in first if seed in second]
        return [(one, other) for one, other in pairs if self.same(one, other)]

    def alike(self, a: str, b: str) -> tuple[Entry, Entry] | None:
        """The first of `common`; else the first two runs with the same test images, if any."""
        if common := self.common(a, b):
            return common[0]
        first, second = self.models[a].values(), self.models[b].values()
        pairs = ((one, other) for one in first for other in second)
        return next((pair for pair in pairs if self.same(*pair)), None)

    def figures(self, model: str, name: str) -> list[float]:
        """A figure of a model's runs, as far as it was measured."""
        values = (row[name] for row in self.rows if row["model"] == model)
        return [value for value in values if value is not None]

    def mean(self, model: str, name: str) -> float | None:
        """Its mean over the runs; None where no run has it."""
        values = self.figures(model, name)
        return fmean(values) if values else None

    def deviation(self, model: str, name: str) -> float | None:
        """Its standard deviation over the runs; None of one run."""
        values = self.figures(model, name)
        return stdev(values) if len(values) > 1 else None

    def top1(self, model: str) -> float:
        """The mean top-1 accuracy of a model's runs."""
        return fmean(self.figures(model, "top1"))


def data_sets(entries: Sequence[Entry]) -> list[DataSet]:
    """The entries by data set, in the order in which these were first named."""
    found: dict[str, dict[str, Runs]] = {}
    for entry in entries:
        runs = found.setdefault(entry.dataset, {}).setdefault(entry.model, {})
        assert entry.seed not in runs, "runs of one model have different seeds"
        runs[entry.seed] = entry
    return [
        DataSet(name, {model: dict(sorted(runs.items())) for model, runs in models.items()})
        for name, models in found.items()
    ]
