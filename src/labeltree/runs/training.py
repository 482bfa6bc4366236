"""A whole training: from a recipe to a run folder."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import torch
from accelerate import Accelerator
from accelerate.utils import broadcast_object_list
from rich.console import Console

from labeltree.data.collection import Collection
from labeltree.errors import TrainingInterruptedError
from labeltree.methods.protocol import Method
from labeltree.recipes import Recipe
from labeltree.runs.assessment import Assessment, assess, validation_figures
from labeltree.runs.environment import environment
from labeltree.runs.model_folder import FOLDER_NAME, Architecture, Model, Preprocessing, save_model
from labeltree.runs.preparation import Prepared, num_parameters
from labeltree.runs.results import write_node_probabilities, write_results
from labeltree.runs.run_folder import (
    RECIPE,
    begin,
    check_apart,
    check_same,
    check_same_data,
    claim,
    only_here,
    with_budget_of,
)
from labeltree.runs.telling import tell
from labeltree.training.evaluation import node_probabilities
from labeltree.training.logs import CsvLog, EpochLog, TensorBoardLog
from labeltree.training.loop import Position, Trainer
from labeltree.training.progress import ConsoleProgress, TrainingProgress

T = TypeVar("T")


def run_training(
    recipe: Recipe,
    out: Path,
    *,
    data_root: Path | None = None,
    resume: bool = False,
    overwrite: bool = False,
    skip_bad_images: bool = False,
    console: Console | None = None,
    progress: TrainingProgress | None = None,
) -> dict[str, Any] | None:
    """Train, measure and write a run folder (`labeltree.runs.run_folder`).

    With `accelerate launch` or `torchrun` all processes call it; the first one writes.

    Args:
        recipe: everything that decides the result.
        out: the run folder.
        data_root: where known sets lie.
        resume: go on from the folder's last checkpoint.
        overwrite: replace the run that the folder holds.
        skip_bad_images: leave damaged images out instead of stopping.
        console: where to tell what happens; None is silent.
        progress: who is told of every step; None is the console.

    Returns:
        The record, as it is written to `record.json`; None in all processes but the first.

    Raises:
        LabeltreeError: whatever the user can mend.
    """
    clock = time.perf_counter()
    accelerator = make_accelerator(recipe)
    if console is None or not accelerator.is_main_process:
        console = Console(quiet=True)
    ready = _begun(recipe, out, accelerator, data_root, resume, overwrite, skip_bad_images, console)
    with only_here(out) if accelerator.is_main_process else nullcontext():
        if progress is None and not console.quiet:
            assert ready.recipe.training.epochs is not None
            progress = ConsoleProgress(console, ready.recipe.training.epochs)
        trainer = _trainer(ready, accelerator, out, progress or TrainingProgress())
        if resume and trainer.restore():
            clock -= trainer.position.seconds  # spent before it was interrupted
            steps = f"{trainer.position.step:,} of {trainer.total_steps:,}"
            tell(console, "resume", f"at step {steps}")
        try:
            trainer.fit()
        except TrainingInterruptedError as stop:
            again = _resuming(ready.recipe, out, data_root, skip_bad_images)
            raise TrainingInterruptedError(f"{stop}. Go on with: {again}") from None
        record = _measured(ready, trainer, accelerator, out, clock)
    accelerator.wait_for_everyone()  # who leaves early breaks the connections of the others
    return record


def _measured(
    ready: Prepared, trainer: Trainer, accelerator: Accelerator, out: Path, clock: float
) -> dict[str, Any] | None:
    """Measure what was trained and write it; returns what `run_training` does."""
    splits, trained = ready.splits, trainer.result
    validation_raw = node_probabilities(trained, ready.validation, accelerator)
    test_raw = node_probabilities(trained, ready.test, accelerator)
    if not accelerator.is_main_process:
        return None
    assessment = assess(
        splits.validation, validation_raw, splits.test, test_raw, ready.recipe.decoding
    )
    record = _record(ready, trainer.position, accelerator, assessment, out)
    record["training"]["seconds_in_all"] = round(time.perf_counter() - clock, 1)
    save_model(_model(ready, trained, assessment), out / FOLDER_NAME)
    write_node_probabilities(out, "validation", splits.validation, validation_raw)
    write_node_probabilities(out, "test", splits.test, test_raw)
    write_results(out, record, splits.test, assessment.probabilities)
    return record


def _begun(
    recipe: Recipe,
    out: Path,
    accelerator: Accelerator,
    data_root: Path | None,
    resume: bool,
    overwrite: bool,
    skip_bad_images: bool,
    console: Console,
) -> Prepared:
    """Everything made ready, and a run folder that is this run's; see `run_training`."""
    check_apart(out, recipe.data)
    begun = _as_first_process(accelerator, lambda: claim(out, resume, overwrite))
    if begun is not None:
        recipe = with_budget_of(begun, recipe)
    elif resume:
        tell(console, "resume", f"{out} holds no run to go on with: a new one begins")
    ready = Prepared.from_recipe(recipe, accelerator, data_root, skip_bad_images, console)
    if begun is not None:
        check_same(begun, ready.recipe, out)
        check_same_data(ready.identity, recipe.data, out)
    # Each process timed its own rehearsal: the first one's budget counts.
    recipe = _as_first_process(accelerator, lambda: ready.recipe)
    if accelerator.is_main_process and begun is None:
        begin(out, recipe, ready.identity, overwrite)
    return replace(ready, recipe=recipe)


def make_accelerator(recipe: Recipe) -> Accelerator:
    """Device and precision for a recipe; several processes where a launcher started them."""
    precision = recipe.training.precision
    if precision == "auto":
        # Without AMX, bfloat16 is slower than float32 on CPUs.
        fast = torch.cuda.is_available() and torch.cuda.is_bf16_supported()
        precision = "bfloat16" if fast else "float32"
    return Accelerator(
        mixed_precision="bf16" if precision == "bfloat16" else "no",
        cpu=not torch.cuda.is_available(),
    )


def _as_first_process(accelerator: Accelerator, make: Callable[[], T]) -> T:
    """What `make` gives in the first process, in all of them."""
    box: list[Any] = [make() if accelerator.is_main_process else None]
    if accelerator.num_processes > 1:
        broadcast_object_list(box)
    made: T = box[0]
    return made


def _resuming(recipe: Recipe, out: Path, data_root: Path | None, skip_bad_images: bool) -> str:
    """The command that goes on with a run, whatever command it was begun with."""
    command = ["labeltree", "train", recipe.data, "--recipe", str(out / RECIPE), "--out", str(out)]
    if data_root is not None:
        command += ["--data-root", str(data_root)]
    if skip_bad_images:
        command.append("--skip-bad-images")
    return shlex.join([*command, "--resume"])


def _trainer(
    ready: Prepared, accelerator: Accelerator, out: Path, progress: TrainingProgress
) -> Trainer:
    training = ready.recipe.training

    def validate(method: Method) -> dict[str, float]:
        probabilities = node_probabilities(method, ready.validation, accelerator)
        return validation_figures(ready.splits.validation, probabilities)

    logs: list[EpochLog] = []
    if accelerator.is_main_process:
        logs.append(CsvLog(out))
        if training.tensorboard:
            logs.append(TensorBoardLog(out))
    return Trainer(ready.method, ready.train, training, accelerator, out, validate, progress, logs)


def _model(ready: Prepared, method: Method, assessment: Assessment) -> Model:
    recipe = ready.recipe
    mean, std = ready.mean_std
    assert recipe.loading.image_size is not None
    return Model(
        method,
        Architecture(
            method=recipe.method, method_options=recipe.method_options, backbone=recipe.backbone
        ),
        Preprocessing(image_size=recipe.loading.image_size, mean=mean, std=std),
        assessment.decoder,
    )


def _record(
    ready: Prepared,
    position: Position,
    accelerator: Accelerator,
    assessment: Assessment,
    out: Path,
) -> dict[str, Any]:
    recipe, splits, taxonomy = ready.recipe, ready.splits, ready.method.taxonomy
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
            "skipped_images": ready.skipped,
            "loader": ready.train.why,
        },
        "model": {
            "method": recipe.method,
            "backbone": recipe.backbone,
            "parameters": num_parameters(ready.method),
        },
        "training": {
            "epochs": recipe.training.epochs,
            "steps": position.step,
            "images_seen": position.images_seen,
            "seconds": round(position.seconds, 1),
            "images_per_second": round(position.images_seen / position.seconds, 1),
            "processes": accelerator.num_processes,
            "device": str(accelerator.device),
        },
        **assessment.figures,
    }
