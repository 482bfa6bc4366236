"""`labeltree demo`: the whole product in a few minutes, with no download."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def demo(
    minutes: Annotated[float, typer.Option(help="Time to train for.")] = 1.5,
    out: Annotated[
        Path | None,
        typer.Option(help="The run folder. Default: a new one under runs/.", show_default=False),
    ] = None,
) -> None:
    """Train on the embedded glyphs, print the results and the path of the report."""
    from rich.console import Console

    from labeltree.cli.console import finish_run
    from labeltree.errors import OutputExistsError
    from labeltree.recipes import glyphs
    from labeltree.runs.run_folder import next_free
    from labeltree.runs.telling import tell
    from labeltree.runs.training import run_training

    recipe = glyphs("glyphs").replace(method="merged")
    recipe = recipe.replace(training=recipe.training.replace(epochs=None, minutes=minutes))
    if out is not None and out.exists():
        raise OutputExistsError(f"{out} exists; give an --out that does not")
    folder = out or next_free(Path("runs"), "demo")
    console = Console()
    record = run_training(recipe, folder, console=console)
    if record is None:
        return  # another process of the same launch tells
    finish_run(folder, record, console)
    tell(console, "next", f"labeltree predict {folder} IMAGES; labeltree train FOLDER")
