"""The parts of a study's record that all studies have, checked.

A part that is missing or null is empty: an interrupted or a small study has a report, too. A part
of the wrong shape is damage, and said to be.
"""

from __future__ import annotations

from typing import Any, Self, TypeVar

from pydantic import Field, model_validator

from labeltree.reports import shapes
from labeltree.reports.record import Json
from labeltree.reports.shapes import Part


class Member(Part):
    """One network that was trained."""

    name: str
    epochs: float | None = None
    parameters: float | None = None
    seconds: float | None = None
    images_per_second: float | None = None
    cost: dict[str, Any] = Field(default_factory=dict)
    commit: str = ""


class Finding(Part):
    """What the paper says, what was measured, and whether the two agree."""

    claim: str
    verdict: str = ""
    measured: str = ""


class WordTable(Part):
    """A table whose cells are words already; None is an empty cell."""

    title: str = ""
    name: str = ""
    lead: str = ""
    note: str = ""
    columns: tuple[str, ...]
    text_columns: int = 1
    rows: tuple[tuple[str | None, ...], ...] = ()

    @model_validator(mode="after")
    def _rows_fit(self) -> Self:
        for number, row in enumerate(self.rows):
            if len(row) != len(self.columns):
                raise ValueError(
                    f"row {number} has {len(row)} cells, expected {len(self.columns)}, one per "
                    "column"
                )
        return self


class StudyRecord(Part):
    """`record.json` of any study, without what only its own figures read.

    Attributes are those of the file; see docs/formats.md.
    """

    name: str = ""
    title: str = ""
    source: str = ""
    scale: str = ""
    date: str = ""
    command: str = ""
    labeltree: str = ""
    commit: str = ""
    hardware: dict[str, Any] = Field(default_factory=dict)
    conclusions: tuple[str, ...] = ()
    settings: dict[str, Any] = Field(default_factory=dict)
    seconds: float | None = None
    training_seconds: float | None = None
    members: tuple[Member, ...] = ()
    tables: tuple[WordTable, ...] = ()
    findings: tuple[Finding, ...] = ()


P = TypeVar("P", bound=Part)

# By the kind of the record: whose it is, and what to do about damage.
_REMEDIES = {
    "study": ("the study", "Run the study again with --resume: what it trained is kept"),
    "comparison": ("the comparison", "Compare the runs again"),
}


def parse(shape: type[P], record: Json) -> P:
    """The parts of a study's record that a shape names.

    Raises:
        ModelFolderError: a part is of another shape; the message names the first.
    """
    whose, remedy = _REMEDIES.get(str(record.get("kind")), _REMEDIES["study"])
    return shapes.parse(shape, record, whose, remedy)
