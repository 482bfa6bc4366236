"""`labeltree predict MODEL IMAGES…`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from labeltree.cli.options import CropsOption, RoutingOption, SkipBadImages

TOP = 5


def predict(
    model: Annotated[
        Path,
        typer.Argument(
            metavar="MODEL",
            help="A run folder, the model folder in it, or a file of `labeltree export`.",
            show_default=False,
        ),
    ],
    images: Annotated[
        list[str],
        typer.Argument(
            metavar="IMAGES…",
            help="Image files, folders, globs, tables (CSV, JSONL, parquet) of images or their "
            "paths; '-' reads all these from standard input, one a line.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write a row for each image to a .parquet, .csv or .jsonl file, for any number of "
            "images; after an interruption the same command goes on. Damaged images are rows too.",
            show_default=False,
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object per line.")] = False,
    csv: Annotated[bool, typer.Option("--csv", help="One CSV row per image.")] = False,
    target_accuracy: Annotated[
        float | None,
        typer.Option(
            help="Back off so that this share of the answers is right, instead of the share the "
            "model was trained with; 0 always answers with a leaf.",
            show_default=False,
        ),
    ] = None,
    crops: CropsOption = None,
    routing: RoutingOption = None,
    given: Annotated[
        str | None,
        typer.Option(
            metavar="PATH",
            help="A label that all images are known to have, such as animal/dog: only labels "
            "below it are answered. Of a routed model all experts answer then.",
            show_default=False,
        ),
    ] = None,
    column: Annotated[
        str | None,
        typer.Option(
            help="Of tables: the column with the images or their paths. Default: the one with "
            "images or a usual name.",
            show_default=False,
        ),
    ] = None,
    top: Annotated[
        int | None,
        typer.Option(
            metavar="K",
            help=f"With --out: also tell the K most probable leaves. Default: {TOP}.",
            show_default=False,
        ),
    ] = None,
    nodes: Annotated[
        bool, typer.Option("--nodes", help="With --out: also the probabilities of all nodes.")
    ] = False,
    batch_size: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Images that the network looks at together. Default: by their size, up to 256.",
            show_default=False,
        ),
    ] = None,
    overwrite: Annotated[
        bool,
        typer.Option("--overwrite", help="Replace --out, and start anew what was interrupted."),
    ] = False,
    skip_bad_images: SkipBadImages = False,
) -> None:
    """Answer for images: the path with the probability of every step, and where it backed off."""
    import sys
    from dataclasses import replace

    from rich.console import Console

    from labeltree.errors import ConfigError
    from labeltree.prediction import (
        NamedImages,
        Question,
        check_out,
        lanes,
        open_predictor,
        predict_pictures,
        predict_to_file,
    )
    from labeltree.prediction.parts import Parts

    if json + csv + (out is not None) > 1:
        raise ConfigError("--json, --csv and --out are forms of the same output: give one of them")
    if out is None:
        asked = {"--top": top is not None, "--nodes": nodes, "--overwrite": overwrite}
        for name in (name for name, is_asked in asked.items() if is_asked):
            raise ConfigError(f"{name} is of a file of predictions: add --out FILE")
    else:
        if skip_bad_images:
            raise ConfigError(
                "--skip-bad-images is of answers that are printed: in --out damaged images are "
                "rows with a problem; leave it out"
            )
        check_out(out, images, overwrite)
    if batch_size is not None and batch_size < 1:
        raise ConfigError(f"--batch-size is {batch_size}; give a number of images, from 1 on")
    question = Question(None, target_accuracy, TOP if top is None else top, nodes)
    at_once, threads = lanes() if out is not None else (1, None)
    predictor = open_predictor(model, crops=crops, routing=routing, known=given, threads=threads)
    if given is not None:
        question = replace(question, known=predictor.taxonomy.find(given))
    named = NamedImages(images, column, sys.stdin or ())
    if out is not None:
        console = Console(stderr=True)
        try:
            done = predict_to_file(
                predictor,
                model,
                named,
                out,
                question,
                options={"--crops": crops, "--routing": routing},
                batch_size=batch_size,
                at_once=at_once,
                overwrite=overwrite,
                console=console,
            )
        except KeyboardInterrupt:
            kept = Parts(out).folder.exists()
            rest = "the same command goes on" if kept else "no answer is kept yet"
            print(f"{out}: interrupted; {rest}", file=sys.stderr)
            raise typer.Exit(130) from None
        console.print(f"{out}: {done.words}", highlight=False, markup=False, soft_wrap=True)
        return
    from labeltree.cli.answers import print_answers
    from labeltree.errors import BadImageError

    named.count()  # of what cannot be read nothing is answered
    files = predict_pictures(predictor, named.pictures(), question, batch_size)
    form = "json" if json else "csv" if csv else "text"
    problems, total = print_answers(files, form)
    if not total:
        raise named.nothing()
    if problems and not skip_bad_images:
        raise BadImageError(
            f"{problems} of {total} images could not be read; --skip-bad-images accepts that"
        )
