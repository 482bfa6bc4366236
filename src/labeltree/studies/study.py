"""What a study is: members to train at each scale, and what is measured on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from labeltree.recipes import Recipe
from labeltree.studies.members import TrainedMember


@dataclass(frozen=True)
class Member:
    """One network that a study trains.

    Attributes:
        labels: what distinguishes it, e.g. network, variant and seed; unique within the study.
        recipe: everything that decides the result.
    """

    labels: Mapping[str, str | int]
    recipe: Recipe

    @property
    def name(self) -> str:
        """For people, and the start of its folder's name."""
        return " ".join(
            f"{key} {value}" if isinstance(value, int) else value
            for key, value in self.labels.items()
        )


@dataclass(frozen=True)
class Scale:
    """How much of a study is done.

    Attributes:
        description: data, networks and what it takes, for help and the report.
        seeds: number of seeds unless another is asked for.
        members: for a number of seeds, in the order of training.
    """

    description: str
    seeds: int
    members: Callable[[int], list[Member]]


@dataclass(frozen=True)
class Study:
    """One experiment of a paper.

    Attributes:
        name: as on the command line.
        title: of the report.
        source: paper and sections.
        scales: by name, from the smallest.
        measure: from the trained members to the study's part of the record: `summary`, `rows`,
            `tables`, `findings` and whatever else its figures need (docs/formats.md).
    """

    name: str
    title: str
    source: str
    scales: Mapping[str, Scale]
    measure: Callable[[Sequence[TrainedMember]], dict[str, Any]]
