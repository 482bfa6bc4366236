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
from labeltree.reports.words import known


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


class Division(Part):
    """The training images that a router sent to an expert."""

    sent: float | None = None
    misrouted: float | None = None
    fallback: bool = False


class TrainedPart(Part):
    """One network of a method that is trained in parts."""

    name: str = ""
    branch: str = ""
    group: str = ""
    backbone: str = ""
    classes: float | None = None
    images: float | None = None
    parameters: float | None = None
    seconds: float | None = None
    division: Division = Division()

    @property
    def label(self) -> str:
        """What it knows; the router has no more than a name."""
        return self.group or self.branch or self.name

    @property
    def divided(self) -> bool:
        """Whether a router chose the images that it learned from."""
        return known(self.division.sent) and not self.division.fallback

    def misrouted(self, dropped: bool) -> float | None:
        """Images of other groups that it learned from; none if they were `dropped`."""
        return self.division.misrouted if self.divided and not dropped else None

    def own_images(self, dropped: bool) -> float | None:
        """Images of its classes that it learned from, if misrouted ones were `dropped` or not."""
        strange = self.misrouted(dropped)
        if known(strange) and known(self.images):
            return self.images - strange
        return self.images

    @property
    def left_out(self) -> float | None:
        """Images that the router sent it and that it did not learn from."""
        if self.divided and known(self.division.sent) and known(self.images):
            return self.division.sent - self.images
        return None


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
    parts: tuple[TrainedPart, ...] = ()


def check_record(record: Json) -> None:
    """Raise ModelFolderError unless every part has the shape that the report reads."""
    shapes.parse(RunRecord, record, "the run", "Run again what made it")
