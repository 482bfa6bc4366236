"""`labeltree study NAME`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from labeltree.cli.options import DataRoot
from labeltree.errors import ConfigError
from labeltree.studies import STUDIES

_NAMES = "; ".join(f"{name}: {entry.description}" for name, entry in STUDIES.items())


def study(
    name: Annotated[str, typer.Argument(metavar="NAME", help=_NAMES, show_default=False)],
    scale: Annotated[
        str,
        typer.Option(
            help="smoke: minutes, embedded data; small: an hour or two on 2 cores; gpu: for one "
            "large GPU; paper: as published."
        ),
    ] = "smoke",
    seeds: Annotated[
        int | None,
        typer.Option(help="Number of seeds. Default: the scale's own.", show_default=False),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="The study's folder. Default: studies/NAME-SCALE.",
            show_default=False,
        ),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume", help="Use the members that --out holds and train what is missing."
        ),
    ] = False,
    jobs: Annotated[
        int | None,
        typer.Option(
            help="Trainings at once. Default: the scale's own, mostly one per core, or a few on a "
            "GPU.",
            show_default=False,
        ),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(
            help="Other data than the scale's own: a known set, a folder or a table, for studies "
            "that take any; several with commas between them for architectures.",
            show_default=False,
        ),
    ] = None,
    models: Annotated[
        str | None,
        typer.Option(
            help="Other networks than the scale's own, with commas between them, for architectures:"
            " vgg16,inception_v3,resnet50 or any of `labeltree models list`.",
            show_default=False,
        ),
    ] = None,
    data_root: DataRoot = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="An option of the study, e.g. --set sizes=[5,10]; may be repeated.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Rerun a paper's experiment; leaves a record, a report and tables."""
    from rich.console import Console

    from labeltree.cli.console import finish_study
    from labeltree.configuration import read_settings
    from labeltree.studies import find_study
    from labeltree.studies.running import run_study

    console = Console()
    folder = out or Path("studies") / f"{name}-{scale}"
    chosen = find_study(name)
    options = read_settings(settings or [])
    for option, value in (("data", data), ("models", models)):
        if value is not None:
            if option not in chosen.options.model_fields:
                raise ConfigError(f"study {name} takes no --{option}; leave it out")
            options[option] = value
    record = run_study(
        chosen,
        scale,
        folder,
        seeds=seeds,
        resume=resume,
        jobs=jobs,
        options=options,
        data_root=data_root,
        console=console,
    )
    finish_study(folder, record, console)
