"""A whole training: from a recipe to a run folder."""

from __future__ import annotations

import shlex
import time
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accelerate import Accelerator
from rich.console import Console

from labeltree.errors import ConfigError, TrainingInterruptedError
from labeltree.recipes import Recipe
from labeltree.runs.left_out import keep_left_out
from labeltree.runs.measuring import measure_and_write
from labeltree.runs.one_network import OneNetwork
from labeltree.runs.part_tasks import trains_apart
from labeltree.runs.parts import InParts, check_command
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
from labeltree.runs.same_base import check_same_base, keep_base
from labeltree.runs.same_router import check_same_router, keep_router
from labeltree.runs.telling import tell
from labeltree.training.progress import TrainingProgress


@dataclass(frozen=True)
class _Command:
    """What `run_training` was asked for beside the recipe."""

    out: Path
    data_root: Path | None
    resume: bool
    overwrite: bool
    skip_bad_images: bool
    jobs: int | None


def run_training(
    recipe: Recipe,
    out: Path,
    *,
    data_root: Path | None = None,
    resume: bool = False,
    overwrite: bool = False,
    skip_bad_images: bool = False,
    jobs: int | None = None,
    console: Console | None = None,
    progress: TrainingProgress | None = None,
    again: str | None = None,
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
        jobs: networks at once, for a method that is trained in parts; None is one per core, or a
            few on a GPU.
        console: where to tell what happens; None is silent.
        progress: who is told of every step of a single network; None is the console.
        again: the command that goes on with an interrupted run; None is `labeltree train`.

    Returns:
        The record, as it is written to `record.json`; None in all processes but the first.

    Raises:
        LabeltreeError: whatever the user can mend.
    """
    clock = time.perf_counter()
    if jobs is not None and jobs < 1:
        raise ConfigError(f"--jobs {jobs}: expected a number from 1 up")
    command = _Command(out, data_root, resume, overwrite, skip_bad_images, jobs)
    accelerator = make_accelerator(recipe)
    if console is None or not accelerator.is_main_process:
        console = Console(quiet=True)
    work = _begun(recipe, command, accelerator, console)
    with only_here(out) if accelerator.is_main_process else nullcontext():
        try:
            trained = work.train(out, resume, console, progress)
        except TrainingInterruptedError as stop:
            resuming = again or _resuming(work.recipe, command)
            raise TrainingInterruptedError(f"{stop}. Go on with: {resuming}") from None
        record = measure_and_write(work.recipe, work.images, trained, out, clock)
    accelerator.wait_for_everyone()  # who leaves early breaks the connections of the others
    return record


def _begun(
    recipe: Recipe, command: _Command, accelerator: Accelerator, console: Console
) -> OneNetwork | InParts:
    """Everything made ready, and a run folder that is this run's; see `run_training`."""
    out, skip = command.out, command.skip_bad_images
    check_apart(out, recipe.data)
    begun = as_first_process(accelerator, lambda: claim(out, command.resume, command.overwrite))
    if begun is not None:
        recipe = with_budget_of(begun, recipe)
    elif command.resume:
        tell(console, "resume", f"{out} holds no run to go on with: a new one begins")
    check_command(recipe, accelerator.num_processes, command.jobs)  # before a large set is read
    images = PreparedImages.from_recipe(recipe, out, accelerator, command.data_root, skip, console)
    work: OneNetwork | InParts
    if trains_apart(recipe):
        work = InParts.prepare(images, command.data_root, skip, command.jobs, console)
    else:
        work = OneNetwork.prepare(images, console)
    if begun is not None:
        check_same(begun, work.recipe, out)
        check_same_data(images.identity, recipe.data, out)
        check_same_router([(work.recipe, out)])
        check_same_base([(work.recipe, out)])
    if accelerator.is_main_process and begun is None:
        begin(out, work.recipe, images.identity, command.overwrite)
        keep_router(work.recipe, out)
        keep_base(work.recipe, out)
        keep_left_out(images.left_out, out)
    return work


def _resuming(recipe: Recipe, command: _Command) -> str:
    """The command that goes on with a run, whatever command it was begun with."""
    out = command.out
    words = ["labeltree", "train", recipe.data, "--recipe", str(out / RECIPE), "--out", str(out)]
    if command.data_root is not None:
        words += ["--data-root", str(command.data_root)]
    if command.skip_bad_images:
        words.append("--skip-bad-images")
    if command.jobs is not None:
        words += ["--jobs", str(command.jobs)]
    return shlex.join([*words, "--resume"])
