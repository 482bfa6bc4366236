"""`labeltree compare RUN…`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def compare(
    runs: Annotated[
        list[Path],
        typer.Argument(
            metavar="RUN…",
            help="Run folders of train, extend or evaluate; a study's folder stands for its "
            "members.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            help="The comparison's folder. Default: comparisons/RUN-1, -2, … after the first run.",
            show_default=False,
        ),
    ] = None,
    mapping: Annotated[
        Path | None,
        typer.Option(
            "--map",
            metavar="TABLE",
            help="Where runs have other labels: a table with the columns from,to that tells which "
            "class of the first run each class of the others is.",
            show_default=False,
        ),
    ] = None,
    apart: Annotated[
        bool,
        typer.Option("--apart", help="Show runs with other labels beside each other instead."),
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a comparison that --out already holds.")
    ] = False,
) -> None:
    """Say which network to take: accuracy, cost, mistakes of runs, and what is more than chance."""
    from rich.console import Console

    from labeltree.cli.console import finish_comparison
    from labeltree.comparison import run_compare
    from labeltree.runs.run_folder import next_free

    console = Console()
    folder = out or next_free(Path("comparisons"), runs[0].resolve().name)
    record = run_compare(
        runs, folder, mapping=mapping, apart=apart, overwrite=overwrite, console=console
    )
    finish_comparison(folder, record, console)
