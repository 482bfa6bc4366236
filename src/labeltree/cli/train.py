"""`labeltree train DATA`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from labeltree.cli.options import DataArgument, DataRoot, Overwrite, Settings, SkipBadImages
from labeltree.methods import METHODS

if TYPE_CHECKING:
    from accelerate import PartialState

_METHODS = "; ".join(f"{name}: {entry.description}" for name, entry in METHODS.items())


def train(
    data: DataArgument,
    recipe: Annotated[
        str | None,
        typer.Option(
            help="A named recipe, or a recipe.yaml. Default: slim for known sets of small images, "
            "photos for your own.",
            show_default=False,
        ),
    ] = None,
    method: Annotated[
        str | None,
        typer.Option(help=_METHODS, show_default=False),
    ] = None,
    backbone: Annotated[
        str | None,
        typer.Option(help="See `labeltree models list`.", show_default=False),
    ] = None,
    epochs: Annotated[
        float | None,
        typer.Option(help="The budget, in passes over the images.", show_default=False),
    ] = None,
    minutes: Annotated[
        float | None, typer.Option(help="The budget, in minutes.", show_default=False)
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Of weights, order and augmentation.")] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="The run folder. Default: a new one under runs/.", show_default=False),
    ] = None,
    data_root: DataRoot = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the run that --out holds.")
    ] = False,
    overwrite: Overwrite = False,
    skip_bad_images: SkipBadImages = False,
    jobs: Annotated[
        int | None,
        typer.Option(
            help="Networks at once, where a method trains several side by side. Default: one per "
            "core, or a few on a GPU.",
            show_default=False,
        ),
    ] = None,
    settings: Settings = None,
) -> None:
    """Train a tree classifier; leaves a run folder with the model and a report."""
    from accelerate import PartialState
    from rich.console import Console

    from labeltree.cli.console import finish_run
    from labeltree.errors import ConfigError
    from labeltree.recipes import choose_recipe
    from labeltree.runs.run_folder import next_free
    from labeltree.runs.training import run_training

    if epochs is not None and minutes is not None:
        raise ConfigError("--epochs and --minutes are one dial: give one of them")
    if resume and overwrite:
        raise ConfigError("--resume goes on with a run and --overwrite replaces it: give one")
    if resume and out is None:
        raise ConfigError("--resume needs --out, the run folder to go on with")
    chosen = choose_recipe(data, recipe)
    changes = {"method": method, "backbone": backbone}
    chosen = chosen.replace(**{key: value for key, value in changes.items() if value is not None})
    budget = {"epochs": epochs, "minutes": minutes} if (epochs, minutes) != (None, None) else {}
    seeds = {"seed": seed} if seed is not None else {}
    chosen = chosen.replace(training=chosen.training.replace(**budget, **seeds))
    chosen = chosen.with_settings(settings or [])
    folder = out or next_free(Path("runs"), f"{Path(data).stem}-{chosen.method}")
    console = Console()
    record = run_training(
        chosen,
        folder,
        data_root=data_root,
        resume=resume,
        overwrite=overwrite,
        skip_bad_images=skip_bad_images,
        jobs=jobs,
        console=console,
    )
    if record is not None:
        finish_run(folder, record, console)
    _leave_launch(PartialState())


def _leave_launch(state: PartialState) -> None:
    """End one of several processes; everything is written by now."""
    if state.num_processes > 1:
        state.destroy_process_group()
        sys.stdout.flush()
        sys.stderr.flush()
        # Gloo's threads outlive its group (seen with torch 2.15): a usual exit takes their memory
        # away under them, which now and then aborts the process and fails the launch.
        os._exit(0)
