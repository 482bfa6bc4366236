"""What a study is: members to train at each scale, and what is measured on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labeltree.configuration import Config
from labeltree.recipes import Recipe
from labeltree.studies.members import TrainedMember


@dataclass(frozen=True)
class Member:
    """One network that a study trains.

    Attributes:
        labels: what distinguishes it, e.g. network, variant and seed; unique within the study.
        recipe: everything that decides the result.
        after: names of members that must be trained before it, because it learns from what they
            answer (`labeltree.data.division`).
    """

    labels: Mapping[str, str | int]
    recipe: Recipe
    after: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """For people, and the start of its folder's name."""
        return " ".join(
            f"{key} {value}" if isinstance(value, int) else value
            for key, value in self.labels.items()
        )


class NoOptions(Config):
    """The study has no options."""


@dataclass(frozen=True)
class Asked:
    """What a person asks of a study at some scale.

    Attributes:
        seeds: number of seeds.
        options: the study's own, of the class `Study.options`.
        data_root: where known sets lie, for studies whose members follow from the labels.
    """

    seeds: int
    options: Any
    data_root: Path | None


@dataclass(frozen=True)
class Scale:
    """How much of a study is done.

    Attributes:
        description: data, networks and what it takes, for help and the report.
        seeds: number of seeds unless another is asked for.
        members: what to train, in this order. Raises LabeltreeError for what the data do not
            allow, before anything is trained.
        jobs: trainings at once unless another number is asked for: one, where their speed is a
            result; None is one per core, or a few on a GPU.
    """

    description: str
    seeds: int
    members: Callable[[Asked], list[Member]]
    jobs: int | None = None


@dataclass(frozen=True)
class Study:
    """One experiment of a paper.

    Attributes:
        name: as on the command line.
        title: of the report.
        source: paper and sections.
        scales: by name, from the smallest.
        measure: from the trained members to the study's part of the record: `conclusions`,
            `rows`, `tables`, `findings` and whatever else its figures need (docs/formats.md). It
            may leave files beside the record, in the members' `study`.
        options: what can be set about it besides the scale (`--set`).
    """

    name: str
    title: str
    source: str
    scales: Mapping[str, Scale]
    measure: Callable[[Sequence[TrainedMember]], dict[str, Any]]
    options: type[Config] = NoOptions
