"""What the figures read of the study's record."""

from __future__ import annotations

from labeltree.reports.record import Json
from labeltree.reports.study import record as any_study
from labeltree.reports.study.record import Part
from labeltree.reports.words import known

BEFORE, UNPROTECTED = "", "none"  # protections of a base, and of what was streamed without any
NORMAL, MARGIN = "normal", "margin"  # the variant and the loss that go without saying


class Row(Part):
    """One network, trained with one seed: a base, or what streaming made of it."""

    model: str = ""
    variant: str = ""
    loss: str = ""
    protection: str = BEFORE
    seed: int = 0
    base_top1: float | None = None
    base_top5: float | None = None
    original_top1: float | None = None
    original_top5: float | None = None
    streaming_top5_all: float | None = None
    streaming_top5_any: float | None = None
    original_epoch_seconds: float | None = None
    streaming_epoch_seconds: float | None = None
    streaming_seconds: float | None = None
    best: bool = False

    @property
    def change(self) -> float | None:
        """Of the top-5 accuracy on the original images since the base, in points."""
        return _points(self.base_top5, self.original_top5)

    @property
    def epoch_ratio(self) -> float | None:
        """How many times longer an epoch on the original images takes."""
        return _ratio(self.original_epoch_seconds, self.streaming_epoch_seconds)

    @property
    def seconds(self) -> float | None:
        """Of streaming."""
        return self.streaming_seconds


class Epoch(Part):
    """What was told after one epoch of training a base."""

    epoch: int
    train_top1: float | None = None
    validation_top1: float | None = None
    validation_top5: float | None = None


class Curve(Part):
    """How one base learned."""

    model: str = ""
    variant: str = ""
    loss: str = ""
    seed: int = 0
    epochs: tuple[Epoch, ...] = ()


class Retraining(Part):
    """A network trained on all images from the beginning, for a share of the epochs."""

    model: str = ""
    variant: str = ""
    loss: str = ""
    labels: str = ""
    share: float = 1.0
    seed: int = 0
    seconds: float | None = None
    original_top5: float | None = None
    streaming_top5_all: float | None = None


class Accuracy(Part):
    """Of one branch."""

    top1: float | None = None
    top5: float | None = None


class Branch(Part):
    """The original test images of one branch, before and after streaming."""

    model: str = ""
    variant: str = ""
    loss: str = ""
    protection: str = BEFORE
    seed: int = 0
    path: str
    images: float | None = None
    before: Accuracy = Accuracy()
    after: Accuracy = Accuracy()

    @property
    def top5_before(self) -> float | None:
        """Of the base."""
        return self.before.top5

    @property
    def top5_after(self) -> float | None:
        """Of what streaming made of it."""
        return self.after.top5

    @property
    def change(self) -> float | None:
        """Of the top-5 accuracy, in points."""
        return _points(self.before.top5, self.after.top5)


class Published(Part):
    """One network of the paper's tables 3 to 5; shares are fractions."""

    model: str = ""
    variant: str = ""
    base_top1: float | None = None
    base_top5: float | None = None
    original_top5: float | None = None
    streaming_top5: float | None = None
    original_epoch_seconds: float | None = None
    streaming_epoch_seconds: float | None = None

    @property
    def change(self) -> float | None:
        """Of the top-5 accuracy on the original images, in points."""
        return _points(self.base_top5, self.original_top5)

    @property
    def epoch_ratio(self) -> float | None:
        """How many times longer an epoch on the original images took."""
        return _ratio(self.original_epoch_seconds, self.streaming_epoch_seconds)


class Paper(Part):
    """What the paper says."""

    rows: tuple[Published, ...] = ()

    def of(self, row: Row) -> Published:
        """The same network there, where all are trained with the margin loss; else an empty row."""
        same = (
            one
            for one in self.rows
            if (one.model, one.variant, MARGIN) == (row.model, row.variant, row.loss)
        )
        return next(same, Published())


class StreamingRecord(Part):
    """What the figures draw, a row for each seed."""

    rows: tuple[Row, ...] = ()
    curves: tuple[Curve, ...] = ()
    retraining: tuple[Retraining, ...] = ()
    branches: tuple[Branch, ...] = ()
    paper: Paper = Paper()


def parse(record: Json) -> StreamingRecord:
    """The parts of the record that the figures read.

    Raises:
        ModelFolderError: a part is of another shape.
    """
    return any_study.parse(StreamingRecord, record)


def _points(before: float | None, after: float | None) -> float | None:
    return 100 * (after - before) if known(before) and known(after) else None


def _ratio(longer: float | None, shorter: float | None) -> float | None:
    return longer / shorter if known(longer) and known(shorter) and shorter > 0 else None
