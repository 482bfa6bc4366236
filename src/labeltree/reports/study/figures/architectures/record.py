"""What the figures read of a comparison's record, be it of the study or of `labeltree compare`."""

from __future__ import annotations

from labeltree.reports.record import Json
from labeltree.reports.study import record as any_study
from labeltree.reports.study.record import Part
from labeltree.reports.words import known


class Row(Part):
    """One network, trained with one seed on one data set: a run."""

    dataset: str = ""
    model: str = ""
    seed: int = 0
    run: str = ""
    top1: float | None = None
    low: float | None = None
    high: float | None = None
    top5: float | None = None
    epochs: float | None = None
    seconds_per_epoch: float | None = None
    training_seconds: float | None = None
    params: float | None = None
    weight_mb: float | None = None
    peak_memory_mb: float | None = None
    macs: float | None = None
    images_per_second: float | None = None
    image_size: float | None = None
    images: float | None = None
    paper_top1: float | None = None
    paper_top5: float | None = None


class Epoch(Part):
    """What was told after one epoch of one run."""

    dataset: str = ""
    model: str = ""
    seed: int = 0
    epoch: int
    seconds: float | None = None
    train_loss: float | None = None
    train_top1: float | None = None
    validation_top1: float | None = None

    @property
    def gap(self) -> float | None:
        """By how much training is ahead of validation."""
        train, validation = self.train_top1, self.validation_top1
        return train - validation if known(train) and known(validation) else None


class Comparison(Part):
    """The top-1 accuracy of `a` minus that of `b`: on the same images, or over pairs of seeds."""

    dataset: str = ""
    kind: str = ""
    a: str
    b: str
    n: int | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    only_a: int | None = None
    only_b: int | None = None
    p_value: float | None = None
    p_corrected: float | None = None


class Choice(Part):
    """What is said of one data set: who is not dominated, and who is recommended.

    Attributes are those of the record; `front` stands from the cheapest to the best.
    """

    dataset: str = ""
    front: tuple[str, ...] = ()
    best: str = ""
    recommended: str = ""
    why: str = ""


class Matrix(Part):
    """Where one run's images by truth and answer are written."""

    dataset: str = ""
    model: str = ""
    file: str


class Mistake(Part):
    """One test image that was answered wrongly; `picture` is its thumbnail beside the record."""

    image: str = ""
    truth: str = ""
    answer: str = ""
    confidence: float | None = None
    picture: str = ""


class Mistakes(Part):
    """The surest mistakes of one run; it kept pictures of at most `per_pair` of two classes."""

    dataset: str = ""
    model: str = ""
    file: str = ""
    pictures: tuple[Mistake, ...] = ()
    per_pair: int | None = None


class Comparisons(Part):
    """All that is drawn. `folder` is where the record lies, for the files beside it."""

    rows: tuple[Row, ...] = ()
    curves: tuple[Epoch, ...] = ()
    tests: tuple[Comparison, ...] = ()
    choices: tuple[Choice, ...] = ()
    matrices: tuple[Matrix, ...] = ()
    mistakes: tuple[Mistakes, ...] = ()
    folder: str = ""


def parse(record: Json) -> Comparisons:
    """The parts of the record that the figures read.

    Raises:
        ModelFolderError: a part is of another shape.
    """
    return any_study.parse(Comparisons, record)
