"""`labeltree extend MODEL DATA`: a training like any other, whose recipe follows from MODEL's."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from labeltree.cli.options import (
    DataRoot,
    ModelArgument,
    Overwrite,
    Settings,
    SkipBadImages,
)
from labeltree.streaming import DEFAULT, PROTECTIONS

_PROTECTIONS = "; ".join(
    f"{name}{'' if entry.strength is True else f'={entry.strength:g}'}: {entry.description}"
    for name, entry in PROTECTIONS.items()
)


def extend(
    model: ModelArgument,
    data: Annotated[
        str,
        typer.Argument(
            metavar="DATA",
            help="The new images: a folder of nested folders, a table (CSV, JSONL, parquet) or a "
            "known set. --set data_options.combined=TABLE tells which of its labels stand for "
            "several of the model's.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            help="The new run folder. Default: MODEL-extended-1, -2, … beside MODEL.",
            show_default=False,
        ),
    ] = None,
    protect: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME[=STRENGTH]",
            help="What keeps the model from forgetting; may be repeated. Those named replace the "
            f"default, {' and '.join(DEFAULT)}; none switches all off. With the strengths that "
            f"they have unless told: {_PROTECTIONS}.",
            show_default=False,
        ),
    ] = None,
    new_labels: Annotated[
        bool,
        typer.Option(
            "--new-labels",
            help="Labels that the model lacks become leaves below the labels that they belong to.",
        ),
    ] = False,
    epochs: Annotated[
        float | None,
        typer.Option(help="Passes over the new images. Default: 4.", show_default=False),
    ] = None,
    learning_rate: Annotated[
        float | None,
        typer.Option(
            help="The peak. Default: a tenth of that which MODEL was first trained with.",
            show_default=False,
        ),
    ] = None,
    replace: Annotated[
        bool,
        typer.Option(
            "--replace",
            help="Put the new model in the place of the old one, which is kept beside it, unless "
            "it forgot more than --bound.",
        ),
    ] = False,
    bound: Annotated[
        float,
        typer.Option(
            metavar="POINTS",
            help="By how many percentage points top-1 accuracy on the old validation images may "
            "fall, and, of those with several labels, the share with all in the top 5.",
        ),
    ] = 2.0,
    data_root: DataRoot = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the run that --out holds.")
    ] = False,
    overwrite: Overwrite = False,
    skip_bad_images: SkipBadImages = False,
    settings: Settings = None,
) -> None:
    """Go on training a multi-label model on new images only, and tell what it forgot."""
    from rich.console import Console

    from labeltree.cli.console import finish_run
    from labeltree.errors import ConfigError
    from labeltree.reports.run.before_after import before_after_table
    from labeltree.runs.extending import (
        Asked,
        check_same_model,
        extending_recipe,
        out_beside,
        told,
    )
    from labeltree.runs.extensions import in_place
    from labeltree.runs.forgetting import check_bound, check_measurable, settle
    from labeltree.runs.telling import tell
    from labeltree.runs.training import run_training

    check_bound(bound)
    if resume and overwrite:
        raise ConfigError("--resume goes on with a run and --overwrite replaces it: give one")
    if resume and out is None:
        raise ConfigError("--resume needs --out, the run folder to go on with")
    folder = out or out_beside(model)
    console = Console()
    if resume and in_place(model, folder):
        tell(console, "replaced", f"{model} holds the model of {folder} already")
        return
    if resume:
        check_same_model(model, folder)
    asked = Asked(protect or (), new_labels, epochs, learning_rate, settings or ())
    recipe = extending_recipe(model, data, folder, asked)
    if replace:
        check_measurable(model, recipe, folder, data_root, skip_bad_images)
    tell(console, "extend", f"{model} learns {told(recipe)}")
    record = run_training(
        recipe,
        folder,
        data_root=data_root,
        resume=resume,
        overwrite=overwrite,
        skip_bad_images=skip_bad_images,
        console=console,
        again=_again(folder),
    )
    if record is None:
        return
    if (table := before_after_table(record)) is not None:
        console.print(table)
    finish_run(folder, record, console)
    settle(model, folder, recipe, record, bound, replace, console)


def _again(folder: Path) -> str:
    """The command that goes on with this one, which `--overwrite` would not."""
    words = [word for word in sys.argv[1:] if word != "--overwrite"]
    for missing in (["--out", str(folder)], ["--resume"]):
        if not any(word.partition("=")[0] == missing[0] for word in words):
            words += missing
    return shlex.join(["labeltree", *words])
