"""`labeltree push RUN REPO`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from labeltree.cli.options import ModelArgument

Repository = Annotated[
    str,
    typer.Argument(metavar="REPO", help="On the Hugging Face hub: owner/name.", show_default=False),
]


def push(
    run: ModelArgument,
    repo: Repository,
    private: Annotated[
        bool,
        typer.Option(
            "--private", help="Make a new repository private. Default: as its owner has set."
        ),
    ] = False,
    licence: Annotated[
        str | None,
        typer.Option(
            metavar="ID",
            help="What others may do with the model, as the hub calls it: apache-2.0, cc-by-4.0 … "
            "Default: what the card there says, else unknown.",
            show_default=False,
        ),
    ] = None,
    message: Annotated[
        str | None,
        typer.Option(
            help="Of the commit. Default: 'Add the model' or 'Update the model'.",
            show_default=False,
        ),
    ] = None,
    dry_run: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Write what would be uploaded to this new folder, and upload nothing.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Put a model on the Hugging Face hub, with a card written from its record; no images."""
    from rich.console import Console

    from labeltree.hub import push
    from labeltree.runs.telling import tell

    console = Console()
    pushed = push(run, repo, private, licence, message, dry_run)
    tell(console, "files", ", ".join(pushed.files))
    if dry_run is not None:
        tell(console, "written", f"{dry_run}: nothing was uploaded")
        return
    tell(console, "pushed", str(pushed.url))
    tell(console, "next", f"labeltree pull {repo}")
