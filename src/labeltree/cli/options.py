"""Options that several commands share, so that they read and mean the same everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from labeltree.data.config import Crops
from labeltree.data.views import CROPS

DataRoot = Annotated[
    Path | None,
    typer.Option(
        help="Where known data sets lie. Default: $LABELTREE_DATA, else the user cache.",
        show_default=False,
    ),
]
CropsOption = Annotated[
    Crops | None,
    typer.Option(
        "--crops",
        help="Average over views of each image: "
        + "; ".join(f"{name}: {kind.description}" for name, kind in CROPS.items())
        + ". Default: those that the model was measured with.",
        show_default=False,
    ),
]
RoutingOption = Annotated[
    str | None,
    typer.Option(
        "--routing",
        metavar="soft|hard|top-K",
        help="Which experts of a routed model answer for an image: all, weighted by the router; "
        "that of the most probable group; those of the K most probable. Only they are run. "
        "Default: as the model was trained.",
        show_default=False,
    ),
]
SkipBadImages = Annotated[
    bool, typer.Option("--skip-bad-images", help="List, count and leave out damaged images.")
]
Overwrite = Annotated[
    bool, typer.Option("--overwrite", help="Replace a run that --out already holds.")
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Any part of the recipe, e.g. --set training.optimizer.learning_rate=0.1; "
        "may be repeated.",
        show_default=False,
    ),
]
DataArgument = Annotated[
    str,
    typer.Argument(
        metavar="DATA",
        help="A known set (see `labeltree data list`), a folder of nested folders, or a table "
        "(CSV, JSONL, parquet).",
        show_default=False,
    ),
]
ModelArgument = Annotated[
    Path,
    typer.Argument(
        metavar="MODEL", help="A run folder or the model folder in it.", show_default=False
    ),
]
