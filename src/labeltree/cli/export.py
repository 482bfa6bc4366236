"""`labeltree export MODEL`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from labeltree.cli.options import CropsOption, DataRoot, ModelArgument, RoutingOption


def export(
    model: ModelArgument,
    to: Annotated[
        Literal["onnx", "torchscript", "torch"] | None,
        typer.Option(
            help="onnx: for `labeltree predict` and `serve` without torch, and for other programs; "
            "torchscript: for libtorch; torch: for torch.export.load. Default: as --out ends, "
            "else onnx.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="The file. Default: the model's name and .onnx, .ts or .pt2, in this folder.",
            show_default=False,
        ),
    ] = None,
    crops: CropsOption = None,
    routing: RoutingOption = None,
    int8: Annotated[
        bool,
        typer.Option(
            "--int8",
            help="Compute with 8-bit numbers, which is faster on CPUs, and measure what it costs "
            "on the test split of --calibrate. Only with --to onnx.",
        ),
    ] = False,
    calibrate: Annotated[
        str | None,
        typer.Option(
            metavar="DATA",
            help="Images with labels for --int8: a known set, a folder or a table; its validation "
            "split tells which numbers occur.",
            show_default=False,
        ),
    ] = None,
    data_root: DataRoot = None,
    images: Annotated[
        int, typer.Option(min=1, help="How many images of --calibrate tell which numbers occur.")
    ] = 256,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a file.")] = False,
) -> None:
    """Write a model as one file: from pixels to calibrated probabilities of all nodes."""
    from rich.console import Console

    from labeltree.cli.extras import missing_extra
    from labeltree.errors import ConfigError

    try:
        from labeltree.exporting import Calibration, export_model
        from labeltree.runs.telling import tell
    except ModuleNotFoundError as error:
        raise (missing_extra(error, "export") or error) from None
    if int8 != (calibrate is not None):
        raise ConfigError(
            "--int8 and --calibrate DATA go together: DATA tells which numbers occur, and what "
            "8 bits cost"
        )
    console = Console()
    calibration = None if calibrate is None else Calibration(calibrate, data_root, images)
    exported = export_model(
        model,
        out,
        to=to,
        crops=crops,
        routing=routing,
        int8=calibration,
        overwrite=overwrite,
        console=console,
    )
    size = exported.path.stat().st_size / 1e6
    tell(console, "written", f"{exported.path} ({size:.1f} MB, {exported.metadata.precision})")
