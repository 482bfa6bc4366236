"""`labeltree evaluate MODEL DATA`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from labeltree.cli.options import (
    CropsOption,
    DataArgument,
    DataRoot,
    ModelArgument,
    Overwrite,
    RoutingOption,
    SkipBadImages,
)


def evaluate(
    model: ModelArgument,
    data: DataArgument,
    split: Annotated[
        Literal["auto", "train", "validation", "test"],
        typer.Option(
            help="Which images. auto: the test split if the model was trained on DATA or DATA "
            "brings one, else all images."
        ),
    ] = "auto",
    out: Annotated[
        Path | None,
        typer.Option(help="Write record and report to this folder.", show_default=False),
    ] = None,
    crops: CropsOption = None,
    routing: RoutingOption = None,
    given: Annotated[
        str | None,
        typer.Option(
            metavar="LEVEL",
            help="Tell the model the true label of each image at this level (name or depth) and "
            "measure the answers below it. Of a routed model all experts answer then.",
            show_default=False,
        ),
    ] = None,
    data_root: DataRoot = None,
    overwrite: Overwrite = False,
    skip_bad_images: SkipBadImages = False,
) -> None:
    """Measure a model on images with labels."""
    from rich.console import Console

    from labeltree.cli.console import finish_run
    from labeltree.reports import results_table
    from labeltree.runs.evaluation import run_evaluation

    console = Console()
    record = run_evaluation(
        model,
        data,
        which=split,
        out=out,
        data_root=data_root,
        overwrite=overwrite,
        skip_bad_images=skip_bad_images,
        crops=crops,
        routing=routing,
        given_level=given,
        console=console,
    )
    if out is None:
        console.print(results_table(record))
    else:
        finish_run(out, record, console)
