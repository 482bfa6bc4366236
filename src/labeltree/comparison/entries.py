"""One run that is compared."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from labeltree.comparison.figures import deepest, part
from labeltree.comparison.folders import read_run
from labeltree.comparison.same_images import images_of
from labeltree.reports.run.folder import RunFolder
from labeltree.reports.run.predictions import Predictions

_FIVE = 5
_MEMORISED = (
    "was measured on training images, which it may have memorised: on new ones it is less accurate."
)


@dataclass(frozen=True, eq=False)
class Entry:
    """A run with the names that it is known by in the comparison.

    Attributes:
        dataset: what it was tested on.
        model: what was trained; runs of one model differ in their seeds only.
        seed: which of them it is.
        run: its folder.
        predictions: its answers, in the labels of all runs of this data set.
        top5: share of images whose label is among the five most probable; None if not known, or
            if it would not tell anything (`has_top5`).
        images: tells its test images from others; None where nothing does.
        notes: what is to be said of how it was measured, or put in these labels.
    """

    dataset: str
    model: str
    seed: int
    run: RunFolder
    predictions: Predictions
    top5: float | None = None
    images: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def top1(self) -> float:
        """Share of images whose most probable leaf is at or below their label."""
        return float((~self.predictions.wrong).mean())


def has_top5(predictions: Predictions) -> bool:
    """Whether a share of the five most probable can stand beside top-1.

    Of five classes or fewer it is always 1. Records count it over images whose label is a class
    only, top-1 here over all.
    """
    tree = predictions.taxonomy
    return tree.num_leaves > _FIVE and bool(tree.is_leaf[predictions.targets].all())


def entry(folder: Path, dataset: str, model: str, seed: int) -> Entry:
    """A run under names that are known already, its answers as they are.

    Raises:
        ModelFolderError: the folder is none of a finished run with answers, or it is damaged.
    """
    return as_it_is(read_run(folder), dataset, model, seed)


def as_it_is(run: RunFolder, dataset: str, model: str, seed: int) -> Entry:
    """The entry of a run that needs no mapping."""
    assert run.predictions is not None  # as `read_run` checks
    top5 = deepest(run.record, "test", "top5") if has_top5(run.predictions) else None
    learned = part(run.record, "data").get("split") == "train"
    notes = (f"{model} ({run.path.name}) {_MEMORISED}",) if learned else ()
    return Entry(dataset, model, seed, run, run.predictions, top5, images_of(run), notes)
