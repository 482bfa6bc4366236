"""`labeltree study NAME`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from labeltree.cli.options import DataRoot
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
            help="Trainings at once. Default: one per core, or a few on a GPU.", show_default=False
        ),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(
            help="Other data than the scale's own: a known set, a folder or a table, for studies "
            "that take any.",
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
    options = read_settings(settings or [])
    if data is not None:
        options["data"] = data
    record = run_study(
        find_study(name),
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
