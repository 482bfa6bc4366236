"""`labeltree pull REPO`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from labeltree.cli.push import Repository


def pull(
    repo: Repository,
    revision: Annotated[
        str | None,
        typer.Option(help="A branch, tag or commit. Default: the newest.", show_default=False),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="The model folder. Default: ./name.", show_default=False
        ),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a model that --out already holds.")
    ] = False,
) -> None:
    """Fetch a model from the Hugging Face hub; it is looked at before it is put in place."""
    import shlex

    from rich.console import Console

    from labeltree.errors import with_extra
    from labeltree.hub import pull

    console = Console()
    pulled = pull(repo, revision, out, overwrite)
    folder = str(out or pulled.folder.name)
    lines = [("pulled", f"{folder}: {repo} at {pulled.revision[:12]}")]
    if pulled.unread:
        unread = ", ".join(pulled.unread)
        remedy = with_extra("train", "runtime")
        lines.append(("note", f"{unread} not looked into: {remedy}"))
    lines.append(("next", f"labeltree predict {shlex.quote(folder)} IMAGES"))
    for word, sentence in lines:
        console.print(f"{word:8} {sentence}", highlight=False, markup=False, soft_wrap=True)
