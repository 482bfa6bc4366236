"""Whether a training went on from its base as it is now, or from what was there before.

A base that is trained again, or replaced, has other weights. Runs that went on from its
predecessor, or had begun to, would go unnoticed: so each keeps a digest of the weights that it
began with.
"""

from __future__ import annotations

import glob
import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path

from labeltree.data.group_scope import some_of
from labeltree.errors import ModelFolderError
from labeltree.recipes import Recipe
from labeltree.runs.model_folder import FOLDER_NAME, WEIGHTS
from labeltree.writing import write_text

BASE = "base.json"


def base_folder(recipe: Recipe, folder: Path) -> Path:
    """Where the model is that the run in `folder` goes on from, as the recipe names it."""
    assert recipe.streaming.base is not None
    # The run's folder may not be there yet, so that a ".." in it could not be followed.
    return Path(os.path.normpath(folder / recipe.streaming.base))


def base_as_it_was(recipe: Recipe, folder: Path) -> Path:
    """Where the model lies by now that the run in `folder` went on from.

    A model that was replaced since (`labeltree.runs.replacing`) is kept beside its place.
    """
    base = base_folder(recipe, folder)
    then = _kept(folder)
    if then is None or _digest(base) == then:
        return base
    place = _model_in(base).resolve()
    replaced = sorted(place.parent.glob(f"{glob.escape(place.name)}-before-*"))
    return next((model for model in replaced if _digest(model) == then), base)


def keep_base(recipe: Recipe, folder: Path) -> None:
    """Write which weights the run that begins in `folder` goes on from, if it does."""
    if recipe.streaming.base is not None:
        digest = _digest(base_folder(recipe, folder))
        write_text(folder / BASE, json.dumps({"weights": digest}) + "\n")


def check_same_base(runs: Iterable[tuple[Recipe, Path]]) -> None:
    """Make sure that no run went on from other weights than its base has now.

    Nothing is said of a run whose base is not trained yet.

    Args:
        runs: any, with their folders, whether they have begun or not.

    Raises:
        ModelFolderError: some did; all are named.
    """
    now: dict[Path, str | None] = {}
    others = []
    for recipe, folder in runs:
        if recipe.streaming.base is None or (then := _kept(folder)) is None:
            continue
        base = base_folder(recipe, folder)
        if base not in now:
            now[base] = _digest(base)
        if now[base] not in (None, then):
            others.append(str(folder))
    if others:
        what, them = ("that folder", "it") if len(others) == 1 else ("those folders", "them")
        raise ModelFolderError(
            f"{some_of(others)}: went on from a model that was trained again or replaced since; "
            f"remove {what} and add --resume to train {them} again"
        )


def _digest(base: Path) -> str | None:
    """Of the weights of a run folder or model folder; None if there are none."""
    try:
        with (_model_in(base) / WEIGHTS).open("rb") as file:
            return hashlib.file_digest(file, "blake2b").hexdigest()[:32]
    except OSError:
        return None


def _model_in(base: Path) -> Path:
    return base / FOLDER_NAME if (base / FOLDER_NAME).is_dir() else base


def _kept(folder: Path) -> str | None:
    """What `keep_base` wrote; None if there is nothing readable."""
    try:
        return str(json.loads((folder / BASE).read_text(encoding="utf-8"))["weights"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
