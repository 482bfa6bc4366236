"""`labeltree predict MODEL IMAGES…`."""

from __future__ import annotations

from typing import Annotated

import typer

from labeltree.cli.options import CropsOption, ModelArgument, RoutingOption, SkipBadImages


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
    skip_bad_images: SkipBadImages = False,
) -> None:
    """Answer for images: the path with the probability of every step, and where it backed off."""
    import sys
    from dataclasses import replace

    from labeltree.cli.answers import print_answers
    from labeltree.data.listing import list_images
    from labeltree.errors import BadImageError, ConfigError
    from labeltree.runs.model_folder import load_model
    from labeltree.runs.prediction import predict_files

    if json and csv:
        raise ConfigError("--json and --csv are two forms of the same output: give one of them")
    loaded = load_model(model)
    known = None if given is None else loaded.taxonomy.find(given)
    paths = [str(path) for path in list_images(images, sys.stdin or ())]
    if crops is not None:
        loaded = loaded.with_crops(crops)
    loaded = loaded.asking(routing, told=bool(known))
    if target_accuracy is not None:
        loaded = replace(loaded, decoder=loaded.decoder.with_target_accuracy(target_accuracy))
    form = "json" if json else "csv" if csv else "text"
    problems = print_answers(predict_files(loaded, paths, known), form)
    if problems and not skip_bad_images:
        raise BadImageError(
            f"{problems} of {len(paths)} images could not be read; --skip-bad-images accepts that"
        )
