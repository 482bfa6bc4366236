"""Which images to measure a model on: its own test split where it was trained on the same set."""

from __future__ import annotations

from pathlib import Path

from labeltree.data.checking import without_bad_images
from labeltree.data.collection import Collection
from labeltree.data.identity import identity
from labeltree.data.opening import open_source
from labeltree.data.scope import ScopeConfig, scoped
from labeltree.data.splits import SplitConfig, split
from labeltree.data.subsets import relabel
from labeltree.errors import DataError
from labeltree.recipes import Recipe
from labeltree.runs.model_folder import FOLDER_NAME
from labeltree.runs.run_folder import RECIPE, read_identity
from labeltree.taxonomy import Taxonomy


def open_unseen(
    folder: Path,
    tree: Taxonomy,
    data: str,
    wanted: str,
    data_root: Path | None,
    skip_bad_images: bool,
) -> tuple[Collection, str, int]:
    """The images to measure on, what they are called, and how many damaged ones were left out.

    Args:
        folder: of the model; a run folder tells what the model was trained on.
        tree: the model's; labels are looked up in it.
        data: as on the command line.
        wanted: `train`, `validation`, `test` or `auto`; see `run_evaluation`.
        data_root: where known sets lie.
        skip_bad_images: leave damaged images out instead of stopping.

    Raises:
        DataError: the set has changed since the model was trained on it, or cannot be used.
    """
    folder = _run_of(folder)
    recipe = _recipe_of(folder)
    same_place = recipe is not None and _place(recipe.data) == _place(data)
    options = recipe.data_options if recipe is not None and same_place else {}
    source = open_source(data, data_root, **options)
    source, bad = without_bad_images(source, skip_bad_images)
    scope = recipe.scope if recipe is not None else ScopeConfig()
    if scope.is_all:
        source = relabel(source, tree)
    same_images = read_identity(folder) in (None, identity(source))
    if same_place and not same_images:
        raise DataError(
            f"{data} is no longer as it was when {folder} was trained on it, so that its test "
            "split would hold images that were trained on; restore it, or give a folder of images "
            "that were kept apart"
        )
    if not same_place and (read_identity(folder) is None or not same_images):
        # Other data than it was trained on: nothing in it is known to the model.
        recipe, scope = None, ScopeConfig()
        source = relabel(source, tree)
    if wanted == "auto" and recipe is None and source.test is None:
        return source.train, "all", len(bad)
    shares = recipe.split if recipe else SplitConfig()
    splits = scoped(
        split(source, shares.validation_fraction, shares.test_fraction, shares.seed), scope
    )
    name = "test" if wanted == "auto" else wanted
    part: Collection = getattr(splits, name)
    return part, name, len(bad)


def knows_its_images(folder: Path) -> bool:
    """Whether anything tells which images the model in a folder was trained on."""
    return read_identity(_run_of(folder)) is not None


def _run_of(folder: Path) -> Path:
    if folder.resolve().name == FOLDER_NAME and not (folder / RECIPE).is_file():
        return folder.resolve().parent  # the model in a run folder was trained by that run
    return folder


def _recipe_of(folder: Path) -> Recipe | None:
    return Recipe.from_yaml(folder / RECIPE) if (folder / RECIPE).is_file() else None


def _place(data: str) -> str:
    """One spelling for one place: `photos`, `photos/` and its whole path are the same."""
    return str(Path(data).expanduser().resolve()) if Path(data).expanduser().exists() else data
