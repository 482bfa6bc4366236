"""8-bit arithmetic for the convolutions of an exported file, and what it costs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from labeltree.data.collection import Collection
from labeltree.decoding.back_off import answer_quality
from labeltree.errors import ConfigError, DataError
from labeltree.exporting.formats import describe_onnx
from labeltree.exporting.quantising import quantise
from labeltree.metrics import top_k_accuracy
from labeltree.runs.telling import tell
from labeltree.runs.unseen import open_unseen
from labeltree.runtime.exported import ExportedModel, load_exported
from labeltree.runtime.metadata import ExportMetadata, Int8
from labeltree.runtime.preprocessing import Preprocessing

BATCH = 32


@dataclass(frozen=True)
class Calibration:
    """The images that tell which numbers occur in a network.

    Attributes:
        data: a known set, a folder or a table, whose labels are nodes of the model's tree; the
            ranges are taken from images of its validation split, the cost is measured on its test
            split.
        data_root: where known sets lie.
        images: how many to take the ranges from.
    """

    data: str
    data_root: Path | None = None
    images: int = 256

    def __post_init__(self) -> None:
        if self.images < 1:
            raise ConfigError(f"{self.images} images to calibrate with; give at least 1")


def make_int8(
    path: Path,
    metadata: ExportMetadata,
    folder: Path,
    calibration: Calibration,
    console: Console,
) -> ExportMetadata:
    """Turn a float32 ONNX file into one with 8-bit arithmetic, and measure both.

    Args:
        path: of the file; replaced.
        metadata: that it holds.
        folder: of the model; tells which images it was trained on.
        calibration: which images to use.
        console: where to tell what it costs.

    Returns:
        The metadata of the new file.

    Raises:
        DataError: there are no images to calibrate with.
    """
    before = load_exported(path)
    sample, kind = _sample(before, folder, calibration)
    tell(console, "int8", f"ranges of numbers from {len(sample)} {kind} images")
    quantise(path, _batches(sample, before.preprocessing))
    versions = {**metadata.versions, "onnxruntime": version("onnxruntime")}
    changed = metadata.replace(precision="int8", versions=versions)
    describe_onnx(path, changed.model_dump_json())
    test, note = _test_images(before, folder, calibration)
    if note:
        tell(console, "note", note)
    source = Path(calibration.data).resolve().name  # the file goes to others: no place of here
    figures = Int8(data=source, calibrated_on=len(sample), tested_on=len(test))
    if len(test):
        (top1, answers), (top1_int8, answers_int8) = (
            _shares_right(model, test) for model in (before, load_exported(path))
        )
        figures = figures.replace(
            top1_float32=top1,
            top1_int8=top1_int8,
            answers_float32=answers,
            answers_int8=answers_int8,
        )
        tell(console, "int8", _cost("leaves", top1, top1_int8, len(test)))
        tell(console, "int8", _cost("answers", answers, answers_int8, len(test)))
    changed = changed.replace(int8=figures)
    describe_onnx(path, changed.model_dump_json())
    return changed


def _cost(what: str, before: float, after: float, count: int) -> str:
    points = 100 * (before - after)
    word = "costs" if points >= 0 else "gains"
    return (
        f"{word} {abs(points):.2f} points of right {what}: {100 * before:.2f} % with float32, "
        f"{100 * after:.2f} % with int8 ({count:,} test images)"
    )


def _sample(model: ExportedModel, folder: Path, calibration: Calibration) -> tuple[Collection, str]:
    """Images that were not tested on, the same at every call; and the name of their split."""
    for split in ("validation", "train"):
        images, _, _ = open_unseen(
            folder, model.taxonomy, calibration.data, split, calibration.data_root, False
        )
        if len(images):
            random = np.random.default_rng(0)
            count = min(calibration.images, len(images))
            return images.subset(np.sort(random.choice(len(images), count, replace=False))), split
    raise DataError(f"{calibration.data} has no image to calibrate with; give other data")


def _test_images(
    model: ExportedModel, folder: Path, calibration: Calibration
) -> tuple[Collection, str]:
    """The test split, and what to say of it."""
    data, root, tree = calibration.data, calibration.data_root, model.taxonomy
    _, own, _ = open_unseen(folder, tree, data, "auto", root, False)
    images, _, _ = open_unseen(folder, tree, data, "test", root, False)
    if not len(images):
        return images, f"{data} has no test split: what int8 costs was not measured"
    if own == "all":
        return images, f"{data} has no test split of its own: a part was kept apart to measure on"
    return images, ""


def _batches(images: Collection, shape: Preprocessing) -> Iterator[NDArray[np.uint8]]:
    """All views, `(B, V, S, S, 3)`."""
    for start in range(0, len(images), BATCH):
        numbers = range(start, min(start + BATCH, len(images)))
        read = (images.images.read(number, at_least=shape.at_least) for number in numbers)
        yield np.stack([shape.views(image) for image in read])


def _shares_right(model: ExportedModel, images: Collection) -> tuple[float, float]:
    """Of leaves, and of answers for which it backs off as it was fitted to."""
    tree, targets = model.taxonomy, images.targets
    said = [model(views).probabilities for views in _batches(images, model.preprocessing)]
    probabilities = np.concatenate(said)
    answers = model.decoder.answers(tree, probabilities)
    right = answer_quality(tree, answers, targets)["accuracy"]
    assert right is not None
    return top_k_accuracy(tree, probabilities, targets)[-1], right
