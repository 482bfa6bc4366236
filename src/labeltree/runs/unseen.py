"""Which images to measure a model on: its own test split where it was trained on the same set."""

from __future__ import annotations

from pathlib import Path

from labeltree.data.checking import without_bad_images
from labeltree.data.collection import Collection
from labeltree.data.identity import Identity, identity
from labeltree.data.opening import open_source
from labeltree.data.scope import ScopeConfig, scoped
from labeltree.data.splits import SplitConfig, split
from labeltree.data.subsets import relabel
from labeltree.errors import DataError
from labeltree.recipes import Recipe
from labeltree.runs.extensions import lineage, read_extensions, trained_on
from labeltree.runs.left_out import read_left_out, without
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
    run = _run_of(trained_on(folder, data))
    recipe = _recipe_of(run)
    same_place = recipe is not None and _place(recipe.data) == _place(data)
    options = recipe.data_options if recipe is not None and same_place else {}
    source = open_source(data, data_root, **options)
    source, bad = without_bad_images(source, skip_bad_images)
    scope = recipe.scope if recipe is not None else ScopeConfig()
    if scope.is_all:
        source = relabel(source, tree)
    same_images = read_identity(run) in (None, identity(source))
    if same_place and not same_images:
        raise DataError(
            f"{data} is no longer as it was when {run} was trained on it, so that its test "
            "split would hold images that were trained on; restore it, or give a folder of images "
            "that were kept apart"
        )
    if not same_place and (read_identity(run) is None or not same_images):
        # Other data than its run was trained on: unless moved, those of another of its trainings,
        # nothing in it is known to the model.
        scope = ScopeConfig()
        source = relabel(source, tree)
        learned = _learned_since(folder, data, identity(source))
        recipe = None if learned is None else _recipe_of(learned)
        run = learned or run
    if wanted == "auto" and recipe is None and source.test is None:
        return source.train, "all", len(bad)
    shares = recipe.split if recipe else SplitConfig()
    splits = scoped(
        split(source, shares.validation_fraction, shares.test_fraction, shares.seed), scope
    )
    if recipe is not None:
        splits = without(splits, read_left_out(run))
    name = "test" if wanted == "auto" else wanted
    part: Collection = getattr(splits, name)
    return part, name, len(bad)


def _learned_since(model: Path, data: str, now: Identity) -> Path | None:
    """The run of the training that learned from data that lay elsewhere then, if one did.

    Raises:
        DataError: its run is gone, and with it how the data were split.
    """
    for run in lineage(model):
        if read_identity(run) == now:
            return run
    for entry in read_extensions(model):
        if entry.get("identity") == now:
            raise DataError(
                f"{model} was trained on {data} in {entry['run']}, which is gone, so that nothing "
                "tells which of these images are its test split; put that run back, or give a "
                "folder of images that were kept apart"
            )
    return None


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
