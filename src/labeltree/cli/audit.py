"""`labeltree audit MODEL DATA`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from labeltree.cli.options import DataArgument, DataRoot, ModelArgument, SkipBadImages


def audit(
    model: ModelArgument,
    data: DataArgument,
    split: Annotated[
        Literal["auto", "train", "validation", "test"],
        typer.Option(
            help="Which images. auto: the test split if the model was trained on DATA or DATA "
            "brings one, else all images. What a model was trained on it has memorised."
        ),
    ] = "auto",
    out: Annotated[
        Path | None,
        typer.Option(help="The audit's folder. Default: audits/MODEL-1, -2, …", show_default=False),
    ] = None,
    data_root: DataRoot = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an audit that --out already holds.")
    ] = False,
    skip_bad_images: SkipBadImages = False,
) -> None:
    """Find what to mend in the data or the tree: leaks, confused classes, misfits, wrong labels."""
    from rich.console import Console

    from labeltree.cli.console import finish_audit
    from labeltree.runs.audit import run_audit
    from labeltree.runs.run_folder import next_free

    console = Console()
    folder = out or next_free(Path("audits"), model.resolve().name)
    record = run_audit(
        model,
        data,
        which=split,
        out=folder,
        data_root=data_root,
        overwrite=overwrite,
        skip_bad_images=skip_bad_images,
        console=console,
    )
    finish_audit(folder, record, console)
