"""From images and labels to a run: the training of `labeltree train` on a table of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sklearn.utils import check_random_state

from labeltree.classifier.labels import as_taxonomy, label_paths
from labeltree.classifier.pictures import as_pictures, check, longest_side
from labeltree.classifier.progress import shown
from labeltree.classifier.table import TRAIN, VALIDATION, ImageTable, Part
from labeltree.errors import (
    BadImageError,
    ConfigError,
    DataError,
    OutputExistsError,
)
from labeltree.recipes import Recipe, choose_recipe
from labeltree.runs.run_folder import RECIPE
from labeltree.runs.training import run_training
from labeltree.taxonomy import Taxonomy

if TYPE_CHECKING:
    from labeltree.classifier.estimator import TreeClassifier

_SMALL = 40  # pixels: images that the recipes for small images take as they are
_MOST_SEEDS = 2**31 - 1


def parts_of(images: Any, labels: Any, validation: tuple[Any, Any] | None) -> list[Part]:
    """What `fit` is given, ready for a table.

    Raises:
        DataError: images and labels that cannot be used, or do not fit each other.
    """
    parts = [_part(TRAIN, images, labels)]
    named = set(parts[0].labels)
    if Taxonomy.from_paths(named).num_leaves < 2:
        raise DataError(
            f"all images are labelled {max(named, key=len)!r}; expected two classes or more"
        )
    if validation is not None:
        try:
            other_images, other_labels = validation
        except (TypeError, ValueError):
            raise DataError("validation is no pair; expected (images, labels)") from None
        parts.append(_part(VALIDATION, other_images, other_labels))
        if type(parts[0].pictures) is not type(parts[1].pictures):
            raise DataError(
                "training images and validation images are files and pixels; give all in one form"
            )
    return parts


def train(
    classifier: TreeClassifier, parts: Sequence[Part], run: Path, resume: bool, overwrite: bool
) -> dict[str, Any]:
    """Train as `labeltree train` does.

    Args:
        classifier: says how.
        parts: the images; see `parts_of`.
        run: the run folder.
        resume: go on with the run that it holds.
        overwrite: replace it.

    Returns:
        The record.

    Raises:
        TrainingInterruptedError: Ctrl-C; what was learned is saved in the run folder.
        LabeltreeError: whatever else the user can mend.
    """
    if (run / RECIPE).is_file() and not (resume or overwrite):
        raise OutputExistsError(
            f"{run} already holds a run; fit(…, resume=True) goes on with it, overwrite=True "
            "replaces it; or choose another folder"
        )
    taxonomy = None if classifier.taxonomy is None else as_taxonomy(classifier.taxonomy)
    table = ImageTable(parts, taxonomy, run)
    recipe = _recipe(classifier, table, longest_side(parts[0].pictures))
    if resume and table.path.is_file():
        table.check_same()
    else:
        table.write()
    try:
        record = run_training(
            recipe, run, resume=resume, overwrite=overwrite, **shown(classifier.progress)
        )
    except BadImageError:
        for part in parts:
            check(part.pictures)  # by its position, which the table does not tell
        raise
    assert record is not None  # there is one process
    return record


def _part(split: str, images: Any, labels: Any) -> Part:
    part = Part(split, as_pictures(images), label_paths(labels))
    if len(part.pictures) != len(part.labels):
        raise DataError(
            f"{len(part.pictures)} images and {len(part.labels)} labels; expected one label for "
            "each image"
        )
    return part


def _recipe(classifier: TreeClassifier, table: ImageTable, side: int | None) -> Recipe:
    """The recipe that the parameters mean, as the command line would have it."""
    if classifier.epochs is not None and classifier.minutes is not None:
        raise ConfigError("epochs and minutes are one dial: give one of them")
    chosen = classifier.recipe
    if chosen is None:
        chosen = "slim" if side is not None and side <= _SMALL else "photos"
    if not isinstance(chosen, Recipe):
        chosen = choose_recipe(str(table.path), str(chosen))
    changes = {"method": classifier.method, "backbone": classifier.backbone}
    budget = {"epochs": classifier.epochs, "minutes": classifier.minutes}
    training = {} if set(budget.values()) == {None} else budget
    if classifier.random_state is not None:
        training = {**training, "seed": _seed(classifier.random_state)}
    target = classifier.target_accuracy
    decoding = {} if target is None else {"target_accuracy": target}
    recipe = chosen.replace(
        data=str(table.path),
        data_options=table.options,
        training=chosen.training.replace(**training),
        decoding=chosen.decoding.replace(**decoding),
        **{key: value for key, value in changes.items() if value is not None},
    )
    settings = classifier.settings or {}
    return recipe.with_settings([f"{key}={_text(value)}" for key, value in settings.items()])


def _seed(random_state: Any) -> int:
    if isinstance(random_state, Integral):
        return int(random_state)
    return int(check_random_state(random_state).randint(_MOST_SEEDS))


def _text(value: Any) -> str:
    return json.dumps(value, default=str)  # all JSON is YAML
