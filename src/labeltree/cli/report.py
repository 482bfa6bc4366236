"""`labeltree report FOLDER`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def report(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER",
            help="A run or a study: the folder that holds record.json.",
            show_default=False,
        ),
    ],
) -> None:
    """Write the report of a run or a study again, from its files alone; prints the page's path."""
    from labeltree.reports import write_report

    typer.echo(str(write_report(folder)))
