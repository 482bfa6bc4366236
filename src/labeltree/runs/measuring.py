"""What follows every training: measure the method and write the run folder."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from labeltree.costs import Cost, num_parameters
from labeltree.data.collection import Collection
from labeltree.methods.protocol import Method
from labeltree.metrics import leaf_answers
from labeltree.recipes import Recipe
from labeltree.runs.assessment import Assessment, assess, label_set_figures
from labeltree.runs.choosing import Chosen, choose
from labeltree.runs.costing import cost_of
from labeltree.runs.division import division_record
from labeltree.runs.environment import environment
from labeltree.runs.model_folder import FOLDER_NAME, Architecture, Model, save_model
from labeltree.runs.original import answers_before, answers_to_old
from labeltree.runs.preparation import PreparedImages
from labeltree.runs.results import (
    write_node_probabilities,
    write_results,
    write_training_answers,
)
from labeltree.runtime import Preprocessing
from labeltree.training.evaluation import answers, scores


@dataclass(frozen=True, eq=False)
class Trained:
    """A method that has learned, and how that went.

    Attributes:
        method: with its final weights.
        loader: how the training images were loaded, in words.
        figures: `training` of the record, but for the time of the whole command.
        seconds_before: spent by earlier commands that were interrupted.
        parts: `parts` of the record, for a method that was trained in parts.
        cost: of the training alone.
    """

    method: Method
    loader: str
    figures: dict[str, Any]
    seconds_before: float = 0.0
    parts: list[dict[str, Any]] = field(default_factory=list)
    cost: Cost = field(default_factory=Cost)


def measure_and_write(
    recipe: Recipe, images: PreparedImages, trained: Trained, out: Path, clock: float
) -> dict[str, Any] | None:
    """Measure what was trained on the validation and test splits, and write all results.

    Args:
        recipe: with the budget in epochs.
        images: what it was trained on.
        trained: the method.
        out: the run folder, which exists.
        clock: when the command began, by `time.perf_counter`.

    Returns:
        The record; None in all processes but the first.
    """
    splits, accelerator = images.splits, images.accelerator
    validation = scores(trained.method, images.validation_views, accelerator)
    test = scores(trained.method, images.test, accelerator)
    original = answers_to_old(images, trained.method)
    before = answers_before(images)
    train_answers = None
    if recipe.answer_training:
        answer = partial(leaf_answers, splits.train.taxonomy)
        train_answers = answers(trained.method, images.train_unchanged, accelerator, answer)
    if not accelerator.is_main_process:
        return None
    chosen = choose(recipe, images, validation, original)
    assessment = assess(
        splits.validation,
        validation.probabilities,
        splits.test,
        test.probabilities,
        chosen.decoder,
    )
    record = _record(recipe, images, trained, assessment, out)
    if chosen.sets is not None:
        record["label_sets"] = {
            "validation": label_set_figures(chosen.sets, splits.validation, validation.presence),
            "test": label_set_figures(chosen.sets, splits.test, test.presence),
            **before,
        }
    if original is not None:
        record["original"] = original.to_record()
    seconds = time.perf_counter() - clock + trained.seconds_before
    record["training"]["seconds_in_all"] = round(seconds, 1)
    model = _model(recipe, images, trained.method, chosen)
    save_model(model, out / FOLDER_NAME)
    write_node_probabilities(out, "validation", splits.validation, validation.probabilities)
    write_node_probabilities(out, "test", splits.test, test.probabilities)
    if train_answers is not None:
        write_training_answers(out, splits.train, train_answers)
    write_results(out, record, splits.test, assessment.probabilities)
    return record


def preprocessing(recipe: Recipe, images: PreparedImages) -> Preprocessing:
    """How images reach the network, as a model folder remembers it."""
    mean, std = images.mean_std
    assert recipe.loading.image_size is not None
    return Preprocessing(
        image_size=recipe.loading.image_size,
        mean=mean,
        std=std,
        crops=recipe.loading.crops,
        mirror=images.mirror,
        fit=recipe.loading.fit,
    )


def _model(recipe: Recipe, images: PreparedImages, method: Method, chosen: Chosen) -> Model:
    return Model(
        method,
        Architecture(
            method=recipe.method, method_options=recipe.method_options, backbone=recipe.backbone
        ),
        preprocessing(recipe, images),
        chosen.decoder,
        sets=chosen.sets,
    )


def _record(
    recipe: Recipe, images: PreparedImages, trained: Trained, assessment: Assessment, out: Path
) -> dict[str, Any]:
    splits, taxonomy, method = images.splits, trained.method.taxonomy, trained.method
    asked = splits.test, recipe.loading, images.mean_std, images.accelerator
    counts = {
        name: len(part) for name, part in vars(splits).items() if isinstance(part, Collection)
    }
    return {
        "format": 1,
        "kind": "train",
        "name": out.name,
        **environment(),
        "recipe": recipe.model_dump(mode="json"),
        "data": {
            "source": recipe.data,
            **counts,
            "classes": taxonomy.num_leaves,
            "nodes": taxonomy.num_nodes,
            "levels": list(taxonomy.level_names),
            "skipped_images": images.skipped,
            "loader": trained.loader,
            "crops": recipe.loading.crops,
            **division_record(recipe.division, images.division),
        },
        "model": {
            "method": recipe.method,
            "backbone": recipe.backbone,
            "parameters": num_parameters(method),
        },
        "cost": cost_of(method, *asked, trained.cost).to_record(),
        "training": dict(trained.figures),
        **({"parts": trained.parts} if trained.parts else {}),
        **assessment.figures,
    }
