"""The shape of an audit's record, as far as its report reads it.

A list that is missing or null was not looked for; an empty one was, and nothing was found. A number
that is none is left out where it would stand. A part of the wrong shape is damage, and said to be.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from labeltree.reports import shapes
from labeltree.reports.record import Json
from labeltree.reports.shapes import Part


class Branch(Part):
    """The images of one branch: which share is wrong, within it or by leaking out of it."""

    path: str
    images: float | None = None
    error: float | None = None
    within: float | None = None
    leaked: float | None = None


class Flow(Part):
    """Images of one branch that were answered within another."""

    source: str = Field(alias="from")
    target: str = Field(alias="to")
    images: int
    share: float | None = None


class Level(Part):
    """What leaks between the branches at one depth; `file` is the table beside the page."""

    level: str
    depth: int
    leaked: float | None = None
    categories: int | None = None
    branches: tuple[Branch, ...] = ()
    flows: tuple[Flow, ...] = ()
    file: str = ""


class Counts(Part):
    """The accounting in images."""

    images: int | None = None
    wrong: int | None = None
    within: int | None = None
    between: int | None = None


class Accounting(Part):
    """Shares of all images: `total = within + between`."""

    level: str
    total: float | None = None
    within: float | None = None
    between: float | None = None
    counts: Counts = Counts()


class ConfusedPair(Part):
    """Two leaves, how often one was taken for the other, and pictures of that.

    `labels` says of each picture by which of the two ("a" or "b") it is labelled.
    """

    a: str
    b: str
    a_as_b: int
    b_as_a: int
    images: int
    share: float | None = None
    pictures: tuple[int, ...] = ()
    labels: tuple[str, ...] = ()


class Pairs(Part):
    """Pairs of one branch, and of two."""

    within: tuple[ConfusedPair, ...] | None = None
    across: tuple[ConfusedPair, ...] | None = None


class Misfit(Part):
    """A leaf that is confused more with the classes of another parent than with its siblings."""

    path: str
    parent: str
    better_parent: str
    own_affinity: float | None = None
    other_affinity: float | None = None
    p_value: float | None = None
    p_corrected: float | None = None
    images: int | None = None
    pictures: tuple[int, ...] = ()


class Suspect(Part):
    """An image whose label the model contradicts with confidence."""

    image: str
    index: int
    label: str
    answer: str
    confidence: float | None = None
    label_probability: float | None = None
    level: str = ""


class Accuracy(Part):
    """The share of right answers at one level."""

    level: str
    top1: float | None = None


class Data(Part):
    """What was looked at."""

    source: str = ""
    split: str = ""
    images: float | None = None
    classes: float | None = None
    levels: tuple[str, ...] = ()
    skipped_images: float | None = None
    crops: str = ""


class AuditRecord(Part):
    """`record.json` of an audit; see docs/formats.md."""

    name: str = ""
    date: str = ""
    command: str = ""
    labeltree: str = ""
    commit: str = ""
    hardware: dict[str, Any] = Field(default_factory=dict)
    model: dict[str, Any] = Field(default_factory=dict)
    data: Data = Data()
    decoding: dict[str, Any] = Field(default_factory=dict)
    notes: tuple[str, ...] = ()
    accuracy: tuple[Accuracy, ...] = ()
    levels: tuple[Level, ...] = ()
    accounting: tuple[Accounting, ...] = ()
    pairs: Pairs = Pairs()
    misfits: tuple[Misfit, ...] | None = None
    misfits_in_all: int = 0
    misfits_judged: int | None = None
    suspects: tuple[Suspect, ...] | None = None
    suspects_in_all: int = 0


def parse(record: Json) -> AuditRecord:
    """The record, typed.

    Raises:
        ModelFolderError: a part is of another shape; the message names the first.
    """
    return shapes.parse(AuditRecord, record, "the audit", "Run the audit again")
