"""`labeltree predict MODEL IMAGES…`."""

from __future__ import annotations

from typing import Annotated

import typer

from labeltree.cli.options import ModelArgument, SkipBadImages


def predict(
    model: ModelArgument,
    images: Annotated[
        list[str],
        typer.Argument(
            metavar="IMAGES…",
            help="Files, folders or globs; '-' reads paths from standard input.",
            show_default=False,
        ),
    ],
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
    skip_bad_images: SkipBadImages = False,
) -> None:
    """Answer for images: the path with the probability of every step, and where it backed off."""
    import sys

    from labeltree.cli.answers import print_answers
    from labeltree.data.listing import list_images
    from labeltree.errors import ConfigError
    from labeltree.runs.model_folder import load_model
    from labeltree.runs.prediction import predict_files

    if json and csv:
        raise ConfigError("--json and --csv are two forms of the same output: give one of them")
    paths = list_images(images, sys.stdin)
    loaded = load_model(model)
    if target_accuracy is not None:
        loaded = loaded.with_target_accuracy(target_accuracy)
    answers = predict_files(loaded, paths, skip_bad_images)
    print_answers(answers, "json" if json else "csv" if csv else "text")
