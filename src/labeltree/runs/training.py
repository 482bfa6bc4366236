"""A whole training: from a recipe to a run folder."""

from __future__ import annotations

import shlex
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from accelerate import Accelerator
from rich.console import Console

from labeltree.errors import TrainingInterruptedError
from labeltree.recipes import Recipe
from labeltree.runs.measuring import measure_and_write
from labeltree.runs.one_network import OneNetwork
from labeltree.runs.preparation import PreparedImages
from labeltree.runs.processes import as_first_process, make_accelerator
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
from labeltree.training.progress import TrainingProgress


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
    network = _begun(
        recipe, out, accelerator, data_root, resume, overwrite, skip_bad_images, console
    )
    with only_here(out) if accelerator.is_main_process else nullcontext():
        try:
            trained = network.train(out, resume, console, progress)
        except TrainingInterruptedError as stop:
            again = _resuming(network.recipe, out, data_root, skip_bad_images)
            raise TrainingInterruptedError(f"{stop}. Go on with: {again}") from None
        record = measure_and_write(network.recipe, network.images, trained, out, clock)
    accelerator.wait_for_everyone()  # who leaves early breaks the connections of the others
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
) -> OneNetwork:
    """Everything made ready, and a run folder that is this run's; see `run_training`."""
    check_apart(out, recipe.data)
    begun = as_first_process(accelerator, lambda: claim(out, resume, overwrite))
    if begun is not None:
        recipe = with_budget_of(begun, recipe)
    elif resume:
        tell(console, "resume", f"{out} holds no run to go on with: a new one begins")
    images = PreparedImages.from_recipe(recipe, accelerator, data_root, skip_bad_images, console)
    network = OneNetwork.prepare(images, console)
    if begun is not None:
        check_same(begun, network.recipe, out)
        check_same_data(images.identity, recipe.data, out)
    if accelerator.is_main_process and begun is None:
        begin(out, network.recipe, images.identity, overwrite)
    return network


def _resuming(recipe: Recipe, out: Path, data_root: Path | None, skip_bad_images: bool) -> str:
    """The command that goes on with a run, whatever command it was begun with."""
    command = ["labeltree", "train", recipe.data, "--recipe", str(out / RECIPE), "--out", str(out)]
    if data_root is not None:
        command += ["--data-root", str(data_root)]
    if skip_bad_images:
        command.append("--skip-bad-images")
    return shlex.join([*command, "--resume"])
