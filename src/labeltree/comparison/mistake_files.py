"""Wrong answers as CSV, the surest first, with pictures of some of them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np

from labeltree.reports.run.folder import RunFolder
from labeltree.reports.run.predictions import Predictions
from labeltree.spreadsheet import write_table

_HEAD = ["test_image", "truth", "answer", "confidence", "truth_probability"]
_MOST_PICTURES = 24


def write_mistakes(
    path: Path, predictions: Predictions, run: RunFolder, pictures: Path
) -> list[dict[str, Any]]:
    """Write all wrong answers, and copy the thumbnails of the surest that have one.

    Args:
        path: of the table; it has a column `image` if the run kept the names of its images.
        predictions: of the run on its test images, in the labels of the comparison.
        run: its folder, with thumbnails and names.
        pictures: the folder that they are copied to, below that of the table.

    Returns:
        `image`, `truth`, `answer`, `confidence` and `picture` (its path from the table's folder) of
        each thumbnail, at most 24, the surest first.
    """
    wrong = np.flatnonzero(predictions.wrong)
    surest = wrong[np.argsort(-predictions.confidences[wrong], kind="stable")].tolist()
    rows = ([*_row(predictions, image), *run.names[image : image + 1]] for image in surest)
    write_table(path, [*_HEAD, "image"] if run.names else _HEAD, rows)
    shown = [image for image in surest if image in run.examples][:_MOST_PICTURES]
    if shown:
        pictures.mkdir(parents=True, exist_ok=True)
    return [_picture(predictions, image, run.examples[image], path, pictures) for image in shown]


def _row(predictions: Predictions, image: int) -> list[object]:
    paths, truths = predictions.taxonomy.paths, predictions.truths
    return [
        image,
        paths[predictions.targets[image]],
        paths[predictions.answers[image]],
        f"{predictions.confidences[image]:.4g}",
        "" if truths is None else f"{truths[image]:.4g}",
    ]


def _picture(
    predictions: Predictions, image: int, thumbnail: Path, table: Path, pictures: Path
) -> dict[str, Any]:
    copy = pictures / f"{image}{thumbnail.suffix}"
    shutil.copyfile(thumbnail, copy)
    paths = predictions.taxonomy.paths
    return {
        "image": image,
        "truth": paths[predictions.targets[image]],
        "answer": paths[predictions.answers[image]],
        "confidence": round(float(predictions.confidences[image]), 6),
        "picture": copy.relative_to(table.parent).as_posix(),
    }
