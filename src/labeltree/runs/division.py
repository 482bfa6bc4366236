"""The training images of an expert: those that a trained router sends it."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from labeltree.data.collection import Collection
from labeltree.data.division import Division, DivisionConfig, divided
from labeltree.errors import ConfigError, DataError, ModelFolderError
from labeltree.recipes import Recipe
from labeltree.runs.opening import Opened
from labeltree.runs.results import RECORD, TRAINING_ANSWERS
from labeltree.runs.run_folder import RECIPE, read_identity
from labeltree.taxonomy import Nodes

_FIRST = "train the router first, with --set answer_training=true"
_AGAIN = (
    "remove that folder and train the router again: a part of a run with --resume, by itself with "
    "--set answer_training=true"
)


def sent_by_router(recipe: Recipe, opened: Opened, folder: Path) -> tuple[Collection, Division]:
    """The training images of an expert's run, labelled in its tree.

    Args:
        recipe: of the expert; its `division` names the router.
        opened: its data.
        folder: its run folder, from where the router's is named.

    Raises:
        ModelFolderError: there is no trained router, or it learned from other images.
    """
    router = router_folder(recipe, folder)
    theirs = _recipe_of(router)
    splits = [key for key in theirs.differences(recipe) if key.startswith("split.")]
    if splits or read_identity(router) not in (None, opened.identity):
        what = f"another {splits[0]}" if splits else "other images or labels"
        raise ModelFolderError(
            f"{router}: the router was trained with {what} than its expert; train both on the same"
        )
    try:
        return divided(
            opened.whole_train,
            recipe.scope,
            theirs.scope,
            router_answers(router),
            recipe.division,
            recipe.training.seed,
        )
    except DataError as error:
        raise ModelFolderError(f"{router}: {error}") from None


def router_folder(recipe: Recipe, folder: Path) -> Path:
    """Where the router is that divides the images of the expert whose run is in `folder`."""
    assert recipe.division.router is not None
    return Path(os.path.normpath(folder / recipe.division.router))


def _recipe_of(router: Path) -> Recipe:
    """What a finished router was trained with."""
    for name in (RECIPE, RECORD, TRAINING_ANSWERS):
        if not (router / name).is_file():
            raise ModelFolderError(
                f"{router}: no router that was trained to its end and kept its answers, {name} is "
                f"missing; {_AGAIN if router.exists() else _FIRST}"
            )
    try:
        return Recipe.from_yaml(router / RECIPE)
    except ConfigError as error:
        raise ModelFolderError(f"{error}; {_AGAIN}") from None


def router_answers(router: Path) -> Nodes:
    """What a router answers its training images: leaves of its tree.

    Raises:
        ModelFolderError: the file is missing or damaged.
    """
    path = router / TRAINING_ANSWERS
    try:
        with np.load(path, allow_pickle=False) as stored:
            answers: Nodes = stored["answers"].astype(np.int64, casting="safe")
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise ModelFolderError(f"{path} is damaged ({error}); {_AGAIN}") from None
    return answers


def division_record(config: DivisionConfig, division: Division | None) -> dict[str, Any]:
    """`division` in `data` of a record; nothing where no router divided the images."""
    if division is None:
        return {}
    return {
        "division": {"router": str(config.router), "group": config.group, **asdict(division)},
    }


def why_undivided(data: Mapping[str, Any]) -> str | None:
    """What a person should know of an expert that the router gave too little; None of others.

    Args:
        data: of the expert's record.
    """
    division = data.get("division")
    if division is None or not division["fallback"]:
        return None
    group = division["group"]
    if division["sent"] == 0:
        return f"the router never chose {group}: its expert learns from its true images"
    return (
        f"the router chose {group} for images of fewer than two of its classes: its expert learns "
        "from its true images"
    )
