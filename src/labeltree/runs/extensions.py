"""What a model has learned since its run: `extensions.json` in the model folder, and the runs.

`labeltree extend --replace` puts the model of another run in the place of a model. The run around
it still tells of its own training, so the model folder itself says where it has been since: a list
with an entry for each training, the last one last.

| key | what |
|---|---|
| `run` | the run folder of that training, relative to the model folder |
| `date`, `data`, `images` | when, and the new images that it learned from |
| `identity` | tells whether other data are the same (`labeltree.data.identity`) |
| `protections` | what kept it from forgetting, as `--protect` takes it |
| `new_labels` | paths of the leaves that were added |
| `validation` | `original.validation` of its record: accuracy on the old images before and after |
| `replaced` | name of the folder beside it that holds the model as it was before |
"""

from __future__ import annotations

import filecmp
import json
import os
from pathlib import Path
from typing import Any

from labeltree.errors import ModelFolderError
from labeltree.recipes import Recipe
from labeltree.runs.model_folder import CONFIG, FOLDER_NAME, TAXONOMY, WEIGHTS
from labeltree.runs.run_folder import RECIPE
from labeltree.runs.same_base import base_as_it_was

EXTENSIONS = "extensions.json"

History = list[dict[str, Any]]


def model_place(place: Path) -> Path:
    """The model folder, of itself or of a run folder."""
    return place / FOLDER_NAME if (place / FOLDER_NAME).is_dir() else place


def run_place(place: Path) -> Path:
    """The run folder around a model folder, or the folder itself if there is no run."""
    if not (place / RECIPE).is_file() and (place.resolve().parent / RECIPE).is_file():
        return place.resolve().parent
    return place


def read_extensions(place: Path) -> History:
    """The entries of a model; none if it is as its own training left it.

    Raises:
        ModelFolderError: the file is damaged.
    """
    path = model_place(place) / EXTENSIONS
    if not path.exists():
        return []
    try:
        found: History = json.loads(path.read_text(encoding="utf-8"))
        if all(isinstance(entry["run"], str) for entry in found):
            return found
    except (OSError, ValueError, TypeError, KeyError):
        pass
    raise ModelFolderError(f"{path} is damaged; copy the model folder again")


def learned_in(place: Path) -> Path:
    """The run that a model comes from: after a replacement that of its last training.

    The place itself if there is no such run, or if its model is another one by now.
    """
    model = model_place(place)
    if history := read_extensions(place):
        run = Path(os.path.normpath(model.absolute() / history[-1]["run"]))
        names = [CONFIG, TAXONOMY, WEIGHTS]
        theirs = run / FOLDER_NAME
        if (run / RECIPE).is_file() and _equal(model, theirs, names):
            return run
    return place


def in_place(place: Path, run: Path) -> bool:
    """Whether the model of a run has taken the place of a model, and is there still."""
    replaced = bool(read_extensions(place)) and model_place(place).resolve().parent != run.resolve()
    return replaced and learned_in(place).resolve() == run.resolve()


def check_told_there(place: Path) -> None:
    """Raise ModelFolderError if what a run folder tells is told of a model that was replaced."""
    if history := read_extensions(place):
        raise ModelFolderError(
            f"{place}: what it tells of its images is told of the model before, since that was "
            f"replaced: add --data DATA to run the new one, or give {history[-1]['run']}, as named "
            f"from {model_place(place)}"
        )


def lineage(place: Path) -> list[Path]:
    """The runs that a model learned in, the last first; those that are no longer there not.

    Raises:
        ModelFolderError: `extensions.json` is damaged.
        ConfigError: a `recipe.yaml` is.
    """
    found: list[Path] = []
    run: Path | None = run_place(learned_in(place))
    while run is not None and (run / RECIPE).is_file() and run not in found:
        found.append(run)
        recipe = Recipe.from_yaml(run / RECIPE)
        goes_on = recipe.streaming.base is not None
        run = run_place(learned_in(base_as_it_was(recipe, run))) if goes_on else None
    return found


def trained_on(place: Path, data: str) -> Path:
    """The run of a model's `lineage` that learned from these data; the place itself if none did.

    Args:
        place: a run folder or a model folder.
        data: as on the command line.
    """
    for run in lineage(place):
        if _spelt(Recipe.from_yaml(run / RECIPE).data) == _spelt(data):
            return run
    return place


def _spelt(data: str) -> str:
    """One spelling for one place; a known set is its name."""
    path = Path(data).expanduser()
    return str(path.resolve()) if path.exists() else data


def _equal(first: Path, second: Path, names: list[str]) -> bool:
    _, different, missing = filecmp.cmpfiles(first, second, names, shallow=False)
    return not different and not missing
