"""The shape of a run's record, as far as its report reads it.

A part that is missing or null was not measured; a number that is none is left out where it would
stand. A part of the wrong shape is damage, and said to be.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from labeltree.reports import shapes
from labeltree.reports.record import Json
from labeltree.reports.shapes import Part


class Level(Part):
    """The scores of one level."""

    depth: int | None = None


class Scores(Part):
    """All scores on one split."""

    levels: tuple[Level, ...] = ()


class SweepPoint(Part):
    """The errors of all levels at one value of α."""

    errors: tuple[Any, ...] = ()


class Sweep(Part):
    """The errors of all levels for many values of α."""

    validation: tuple[SweepPoint, ...] = ()
    test: tuple[SweepPoint, ...] = ()
    best_alpha: tuple[Any, ...] = ()


class Given(Part):
    """The level whose true label the model was told."""

    depth: int | None = None


class Decoding(Part):
    """How node probabilities became answers."""

    given: Given = Given()


class RunRecord(Part):
    """`record.json` of a run; see docs/formats.md."""

    hardware: dict[str, Any] = Field(default_factory=dict)
    recipe: dict[str, Any] = Field(default_factory=dict)
    data: dict[str, Any] = Field(default_factory=dict)
    model: dict[str, Any] = Field(default_factory=dict)
    cost: dict[str, Any] = Field(default_factory=dict)
    training: dict[str, Any] = Field(default_factory=dict)
    decoding: Decoding = Decoding()
    validation: Scores = Scores()
    test: Scores = Scores()
    validation_before_decoding: Scores = Scores()
    test_before_decoding: Scores = Scores()
    back_off: dict[str, Any] = Field(default_factory=dict)
    back_off_curve: tuple[Part, ...] = ()
    reliability: tuple[Part, ...] = ()
    alpha_sweep: Sweep = Sweep()


def check_record(record: Json) -> None:
    """Raise ModelFolderError unless every part has the shape that the report reads."""
    shapes.parse(RunRecord, record, "the run", "Run again what made it")
