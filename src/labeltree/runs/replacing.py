"""Putting a model in the place of the one that it went on from.

The two folders are exchanged in one step where the system can do that (Linux): whoever opens the
model finds the old one or the new one, however the process ends. Elsewhere, between two renames,
`model/` is missing for a moment; both models then lie beside it.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from labeltree.errors import LabeltreeError
from labeltree.recipes import Recipe
from labeltree.runs.extending import protected_by
from labeltree.runs.extensions import EXTENSIONS, learned_in, model_place, read_extensions
from labeltree.runs.model_folder import CONFIG, TAXONOMY, WEIGHTS
from labeltree.runs.run_folder import RECIPE, next_free, read_identity
from labeltree.runs.same_base import base_as_it_was
from labeltree.taxonomy import Taxonomy, load_taxonomy
from labeltree.writing import whole_file, write_text

_HERE, _EXCHANGE = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of Linux


def replace_model(model: Path, run: Path, record: dict[str, Any]) -> Path:
    """Put the model of a finished run in the place of the model that the run went on from.

    The old one is kept beside it, as `model-before-1`, `-2`, … Nothing else of its run changes:
    record and report still tell of the training that they are of, and `extensions.json` in the
    model folder of what came after (`labeltree.runs.extensions`). The recipe of the new run names
    the old model where it lies from now on.

    Args:
        model: the run folder or model folder that was extended.
        run: the run folder of the training that went on from it.
        record: of that training.

    Returns:
        Where the old model is.

    Raises:
        LabeltreeError: the model is no longer the one that the run went on from.
    """
    recipe = Recipe.from_yaml(run / RECIPE)
    if base_as_it_was(recipe, run).resolve() != learned_in(model).resolve():
        raise LabeltreeError(
            f"--replace: {model} was replaced while {run} was trained; {run} is kept: extend "
            f"{model} anew"
        )
    place = model_place(model).resolve()
    entry = _entry(place, run, record, recipe)
    kept = next_free(place.parent, f"{place.name}-before")
    entry["replaced"] = kept.name
    unfinished = place.with_name(f".{kept.name}.writing")
    shutil.rmtree(unfinished, ignore_errors=True)  # of a process that was killed
    _copy(model_place(run), unfinished, [*read_extensions(place), entry])
    unfinished.rename(kept)  # the new one, until it is exchanged
    exchange(place, kept)
    # Whoever is stopped before this finds the old model by its weights: `base_as_it_was`.
    streaming = recipe.streaming.replace(base=os.path.relpath(kept, run.resolve()))
    write_text(run / RECIPE, recipe.replace(streaming=streaming).to_yaml())
    return kept


def exchange(first: Path, second: Path) -> None:
    """Two folders take each other's names, in one step where the system can do that.

    Raises:
        OSError: one of them is missing, or may not be moved.
    """
    if sys.platform == "linux":
        rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
        names = (_HERE, os.fsencode(first), _HERE, os.fsencode(second))
        if rename is not None and rename(*names, _EXCHANGE) == 0:
            return
    aside = first.with_name(f".{first.name}.aside")
    first.rename(aside)
    try:
        second.rename(first)
    except OSError:
        aside.rename(first)
        raise
    aside.rename(second)


def _copy(model: Path, to: Path, history: list[dict[str, Any]]) -> None:
    to.mkdir()
    for name in (CONFIG, TAXONOMY, WEIGHTS):
        with whole_file(to / name) as unfinished:
            shutil.copyfile(model / name, unfinished)
    write_text(to / EXTENSIONS, json.dumps(history, indent=1, ensure_ascii=False) + "\n")


def _entry(place: Path, run: Path, record: dict[str, Any], recipe: Recipe) -> dict[str, Any]:
    old, new = load_taxonomy(place / TAXONOMY), load_taxonomy(model_place(run) / TAXONOMY)
    return {
        "run": os.path.relpath(run.resolve(), place),
        "date": datetime.now().astimezone().isoformat(timespec="seconds"),
        "data": recipe.data,
        "images": record["data"]["train"],
        "identity": read_identity(run),
        "protections": protected_by(recipe.streaming),
        "new_labels": _added(old, new),
        "validation": record["original"]["validation"],
    }


def _added(old: Taxonomy, new: Taxonomy) -> list[str]:
    return [new.paths[leaf] for leaf in new.leaves if new.paths[leaf] not in old]
