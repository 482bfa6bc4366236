"""`labeltree taxonomy discover SOURCE`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from labeltree.cli.options import DataRoot, SkipBadImages

if TYPE_CHECKING:
    from labeltree.recipes import Recipe
    from labeltree.taxonomy import Taxonomy


def discover(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="SOURCE",
            help="A confusion matrix (CSV with the classes as header and first column, rows the "
            "true ones), a file of probabilities with labels (npz, parquet; see docs/formats.md), "
            "a run folder, or a model folder with --data.",
            show_default=False,
        ),
    ],
    groups: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Number of groups. Default: what the confusions suggest.",
            show_default=False,
        ),
    ] = None,
    levels: Annotated[
        str | None,
        typer.Option(
            metavar="N,N…",
            help="Numbers of groups of several levels, coarse to fine, such as 5,20.",
            show_default=False,
        ),
    ] = None,
    method: Annotated[
        str,
        typer.Option(
            metavar="METHOD",
            help="spectral: the finest groups by spectral clustering, the levels above by merging "
            "these; agglomerative: all by merging the two groups that are confused most.",
        ),
    ] = "spectral",
    data: Annotated[
        str | None,
        typer.Option(
            metavar="DATA",
            help="Run the model in the folder on these images.",
            show_default=False,
        ),
    ] = None,
    split: Annotated[
        str,
        typer.Option(
            metavar="SPLIT",
            help="Of --data: validation, train or test; auto: all images where they are no split "
            "of what the model was trained on. Keep test for judging what you train with the tree.",
        ),
    ] = "validation",
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write the tree: .json, or .csv with a column per rank.",
            show_default=False,
        ),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file --out.")] = False,
    data_root: DataRoot = None,
    skip_bad_images: SkipBadImages = False,
) -> None:
    """Propose a label tree: classes that are taken for each other become siblings."""
    from labeltree.cli.discover_sources import open_confusion
    from labeltree.cli.discover_tables import print_measures
    from labeltree.cli.taxonomy import print_tree
    from labeltree.taxonomy import discover

    wanted = _levels(groups, levels)
    if out is not None:
        _check_free(out, overwrite)
    confusion = open_confusion(source, data, split, data_root, skip_bad_images)
    found = discover(confusion.matrix, confusion.names, wanted, method)
    print_tree(found.taxonomy, str(out or "proposal"), found.taxonomy.depth)
    print_measures(confusion, found)
    if out is None:
        typer.echo("add --out FILE to write the tree")
        return
    WRITERS[out.suffix.lower()](found.taxonomy, out)
    typer.echo(f"wrote {out}; to train with it:\n{_training(source, data, out)}")


def _levels(groups: int | None, levels: str | None) -> tuple[int, ...] | None:
    from labeltree.errors import ConfigError

    if levels is None:
        return None if groups is None else (groups,)
    if groups is not None:
        raise ConfigError("--groups is one level and --levels are several: give one of them")
    try:
        return tuple(int(number) for number in levels.split(","))
    except ValueError:
        raise ConfigError(
            f"--levels {levels!r}; give numbers of groups from coarse to fine, such as 5,20"
        ) from None


def _check_free(out: Path, overwrite: bool) -> None:
    """Make sure that `out` can be written, before anything is computed."""
    from labeltree.errors import DataError, OutputExistsError

    if out.suffix.lower() not in WRITERS:
        raise DataError(f"--out {out}: give a file that ends in {' or '.join(WRITERS)}")
    if out.is_dir() or not out.absolute().parent.is_dir():
        raise DataError(f"--out {out}: give a file in a folder that exists")
    if out.exists() and not overwrite:
        raise OutputExistsError(f"{out} exists; add --overwrite or choose another --out")


def _training(source: Path, data: str | None, out: Path) -> str:
    """The command that trains with the tree, on what the run of `source` was trained on."""
    import json
    import shlex

    options = {"taxonomy": str(out)}
    recipe = _recipe_of(source)
    if recipe is not None and data in (None, recipe.data):
        data, begun = recipe.data, recipe.data_options
        kept = {key: value for key, value in begun.items() if key not in _OTHER_TREES}
        if begun.keys() & _FEWER_CLASSES and not recipe.data.startswith("glyphs"):
            # Of the classes that the tree lacks no image may be left; glyphs makes none of them.
            kept = {key: value for key, value in kept.items() if key not in _FEWER_CLASSES}
            options = kept | {"categories": str(out)}
        else:
            options = kept | options
    words = ["labeltree", "train", data or "DATA", "--method", "merged"]
    for key, value in options.items():
        text = value if isinstance(value, str) else json.dumps(value)
        words += ["--set", f"data_options.{key}={text}"]
    return shlex.join(words)


_OTHER_TREES = {"taxonomy", "categories", "random_groups"}
_FEWER_CLASSES = {"classes", "full_classes", "categories"}


def _recipe_of(source: Path) -> Recipe | None:
    """What the model in a folder was trained with, if that is known."""
    from labeltree.recipes import Recipe
    from labeltree.runs.run_folder import RECIPE

    for folder in (source, source.resolve().parent) if source.is_dir() else ():
        if (folder / RECIPE).is_file():  # the model folder lies in its run
            return Recipe.from_yaml(folder / RECIPE)
    return None


def _save_json(tree: Taxonomy, path: Path) -> None:
    from labeltree.taxonomy import save_taxonomy

    save_taxonomy(tree, path)


def _save_ranks(tree: Taxonomy, path: Path) -> None:
    """A column per rank; a class that is less deep leaves the rest of its row empty."""
    import csv
    import io

    from labeltree.writing import write_text

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(tree.level_names)
    for leaf in tree.leaves.tolist():
        names = [tree.names[node] for node in tree.path_to(leaf)]
        writer.writerow(names + [""] * (tree.depth - len(names)))
    write_text(path, text.getvalue())


WRITERS: dict[str, Callable[[Taxonomy, Path], None]] = {".json": _save_json, ".csv": _save_ranks}
"""By the ending of a file's name."""
