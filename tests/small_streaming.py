"""A small model that goes on learning: photos first, then puggles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from new_images import write_puggles
from safetensors.numpy import load_file
from small_folder import small_recipe, write_small_folder

from labeltree.recipes import Recipe
from labeltree.runs.training import run_training
from labeltree.streaming import StreamingConfig


def write_base(folder: Path) -> Path:
    """`photos`, `puggles` and a run `base` on the photos; returns the run."""
    photos = write_small_folder(folder / "photos")
    write_puggles(photos, folder / "puggles")
    run_training(base_recipe(photos), folder / "base")
    return folder / "base"


def base_recipe(data: Path, **changes: Any) -> Recipe:
    """One epoch of `multilabel` on 16-pixel images."""
    recipe = small_recipe(data, epochs=1).replace(method="multilabel", backbone="slim-w32")
    return recipe.replace(**changes)


def going_on(data: Path, base: Path | str = "../base", **streaming: Any) -> Recipe:
    """One epoch that goes on from a base."""
    return base_recipe(data, streaming=StreamingConfig(base=base, **streaming))


def weights(place: Path) -> dict[str, np.ndarray]:
    """Of a run folder or a model folder."""
    model = place / "model"
    return load_file((model if model.is_dir() else place) / "model.safetensors")


def same(first: dict[str, np.ndarray], second: dict[str, np.ndarray]) -> bool:
    """Whether all weights have the same bits."""
    return first.keys() == second.keys() and all(
        np.array_equal(first[key], second[key]) for key in first
    )
