"""Whether experts learned from what their router answers now, or from what another one answered.

A router that is trained again sends its experts other images. Those that had learned, or had begun
to, from what its predecessor sent would go unnoticed: so each keeps a digest of the answers that
divided its images.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from labeltree.data.group_scope import some_of
from labeltree.errors import ModelFolderError
from labeltree.recipes import Recipe
from labeltree.runs.division import router_answers, router_folder
from labeltree.runs.results import TRAINING_ANSWERS
from labeltree.writing import write_text

DIVISION = "division.json"


def keep_router(recipe: Recipe, folder: Path) -> None:
    """Write which answers divide the training images of the run that begins in `folder`, if any do.

    Raises:
        ModelFolderError: the router's answers are missing or damaged.
    """
    if recipe.division.router is not None:
        digest = _digest(router_folder(recipe, folder))
        write_text(folder / DIVISION, json.dumps({"answers": digest}) + "\n")


def check_same_router(runs: Iterable[tuple[Recipe, Path]]) -> None:
    """Make sure that no expert learned from what another router sent it.

    Nothing is said of an expert whose router is not trained yet, or that an earlier version of
    labeltree began, which kept no digest.

    Args:
        runs: experts and others, with their folders, whether they have begun or not.

    Raises:
        ModelFolderError: some did, or a router's answers are damaged; all are named.
    """
    now: dict[Path, str] = {}
    others = []
    for recipe, folder in runs:
        if recipe.division.router is None or (then := _kept(folder)) is None:
            continue
        router = router_folder(recipe, folder)
        if not (router / TRAINING_ANSWERS).is_file():
            continue
        if router not in now:
            now[router] = _digest(router)
        if then != now[router]:
            others.append(str(folder))
    if others:
        what, them = ("that folder", "it") if len(others) == 1 else ("those folders", "them")
        raise ModelFolderError(
            f"{some_of(others)}: learned from what another router sent, which was trained again "
            f"since; remove {what} and add --resume to train {them} again"
        )


def _digest(router: Path) -> str:
    answers = router_answers(router).astype("<i8")
    return hashlib.blake2b(answers.tobytes(), digest_size=16).hexdigest()


def _kept(folder: Path) -> str | None:
    """What `keep_router` wrote; None if there is nothing readable."""
    try:
        return str(json.loads((folder / DIVISION).read_text(encoding="utf-8"))["answers"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
