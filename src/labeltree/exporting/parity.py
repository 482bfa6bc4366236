"""Whether a file says what PyTorch says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from labeltree.data.decoding import decode
from labeltree.errors import BadImageError, ConfigError
from labeltree.exporting.formats import Run
from labeltree.runs.results import EXAMPLES
from labeltree.runs.torch_predictor import TorchPredictor
from labeltree.runtime import Predicted, Preprocessing

AGREES = 1e-4
"""How far a probability may differ."""

_REAL = 8


def batches(folder: Path, shape: Preprocessing) -> list[NDArray[np.uint8]]:
    """What a file is tried on: one image, noise, blots of colour, and pictures of the run's data.

    Args:
        folder: of the model; a run folder holds a few images that it was tested on.
        shape: what the model looks at.

    Returns:
        Batches of 1, 3 and more images, each `(B, V, S, S, 3)`.
    """
    random = np.random.default_rng(0)
    noise = [Image.fromarray(random.integers(0, 256, (40, 60, 3), np.uint8)) for _ in range(4)]
    blots = [Image.fromarray(random.integers(0, 256, (3, 3, 3), np.uint8)) for _ in range(3)]
    found = [[noise[0]], noise[1:], [*blots, *_real(folder)]]
    return [np.stack([shape.views(image) for image in images]) for images in found]


def expected(model: TorchPredictor, images: list[NDArray[np.uint8]]) -> list[Predicted]:
    """What PyTorch says of the batches, on a GPU, too, without shortened numbers."""
    with torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
        return [model(views) for views in images]


def largest_difference(
    run: Run, shape: Preprocessing, images: list[NDArray[np.uint8]], said: list[Predicted]
) -> float:
    """Between what a file says of batches and what was expected; infinite if it is no number."""
    differences = [0.0]
    for views, predicted in zip(images, said, strict=True):
        given = run(np.ascontiguousarray(views[:, 0]) if shape.crops == "one" else views)
        for ours, theirs in zip(given, predicted, strict=False):
            assert theirs is not None and ours.shape == theirs.shape
            differences.append(float(np.nan_to_num(np.abs(ours - theirs).max(), nan=np.inf)))
    return max(differences)


def check(difference: float, to: str) -> None:
    """Refuse a file that differs by more than `AGREES`.

    Raises:
        ConfigError: it does.
    """
    if not difference <= AGREES:
        raise ConfigError(
            f"the exported file differs from PyTorch by up to {difference:.2g} in a probability "
            f"(at most {AGREES:g} is allowed) and was not kept; this format ({to}) does not suit "
            "this network, try another with --to"
        )


def _real(folder: Path) -> Iterator[Image.Image]:
    for file in sorted((folder / EXAMPLES).glob("*.png"))[:_REAL]:
        try:
            yield decode(file, file.name)
        except BadImageError:
            continue
