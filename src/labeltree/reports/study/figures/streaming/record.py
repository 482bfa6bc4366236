"""What the figures read of the study's record."""

from __future__ import annotations

from labeltree.reports.record import Json
from labeltree.reports.study import record as any_study
from labeltree.reports.study.record import Part
from labeltree.reports.words import known

BEFORE, UNPROTECTED = "", "none"  # protections of a base, and of what was streamed without any
NORMAL = "normal"


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
    retrain_seconds: float | None = None
    speedup: float | None = None

    @property
    def change(self) -> float | None:
        """Of the top-5 accuracy on the original images since the base, in points."""
        if known(self.original_top5) and known(self.base_top5):
            return 100 * (self.original_top5 - self.base_top5)
        return None

    @property
    def both(self) -> float | None:
        """Mean top-5 accuracy on the original and on the new images."""
        if known(self.original_top5) and known(self.streaming_top5_all):
            return (self.original_top5 + self.streaming_top5_all) / 2
        return None

    @property
    def seconds(self) -> float | None:
        """Of streaming: what retraining takes, over how many times faster this was."""
        if known(self.retrain_seconds) and known(self.speedup) and self.speedup > 0:
            return self.retrain_seconds / self.speedup
        return None

    @property
    def epoch_ratio(self) -> float | None:
        """How many times longer an epoch on the original images takes."""
        if known(self.original_epoch_seconds) and known(self.streaming_epoch_seconds):
            shorter = self.streaming_epoch_seconds
            return self.original_epoch_seconds / shorter if shorter > 0 else None
        return None


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
        if known(self.before.top5) and known(self.after.top5):
            return 100 * (self.after.top5 - self.before.top5)
        return None


class Published(Part):
    """A row of the paper's tables 3 to 5; shares are fractions."""

    model: str = ""
    variant: str = ""
    top1: float | None = None
    top5: float | None = None
    base: float | None = None
    original: float | None = None
    streaming: float | None = None
    original_seconds: float | None = None
    streaming_seconds: float | None = None

    @property
    def change(self) -> float | None:
        """Of the top-5 accuracy on the original images, in points."""
        if known(self.original) and known(self.base):
            return 100 * (self.original - self.base)
        return None

    @property
    def epoch_ratio(self) -> float | None:
        """How many times longer an epoch on the original images took."""
        if known(self.original_seconds) and known(self.streaming_seconds):
            return self.original_seconds / self.streaming_seconds
        return None


class Tables(Part):
    """Those that figures draw."""

    table3: tuple[Published, ...] = ()
    table4: tuple[Published, ...] = ()
    table5: tuple[Published, ...] = ()


class Paper(Part):
    """What the paper says."""

    tables: Tables = Tables()


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
