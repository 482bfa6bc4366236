"""`labeltree adapt SOURCE…`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from labeltree.cli.options import DataRoot, SkipBadImages

if TYPE_CHECKING:
    from rich.table import Table

    from labeltree.cli.adapt_sources import Parts
    from labeltree.probabilities import NodeProbabilities

BEST = "best"


def adapt(
    sources: Annotated[
        list[Path],
        typer.Argument(
            metavar="SOURCE…",
            help="A file of probabilities (npz, parquet; of any model, see docs/formats.md), a run "
            "folder, or a model folder with --data. Several are averaged first: an ensemble.",
            show_default=False,
        ),
    ],
    alpha: Annotated[
        str,
        typer.Option(
            metavar="NUMBER",
            help="How far to go: 0 is as predicted, 1 makes levels agree, at most 2. best: "
            "fewest errors over all levels on the validation images of a run.",
        ),
    ] = "1",
    taxonomy: Annotated[
        str | None,
        typer.Option(
            metavar="PATH",
            help="The label tree, as for `labeltree taxonomy check`; needed where a file holds "
            "none and its columns are bare names.",
            show_default=False,
        ),
    ] = None,
    not_exclusive: Annotated[
        bool,
        typer.Option(
            "--not-exclusive",
            help="Labels do not exclude each other: nothing must sum to 1, but no label may be "
            "more probable than its parent.",
        ),
    ] = False,
    data: Annotated[
        str | None,
        typer.Option(
            metavar="DATA",
            help="Run the models in the folders on these images, as `labeltree evaluate` does.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write the adapted probabilities and each level's answer: .npz or .parquet.",
            show_default=False,
        ),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file --out.")] = False,
    data_root: DataRoot = None,
    skip_bad_images: SkipBadImages = False,
) -> None:
    """Make the probabilities of all levels agree, for any model, without training."""
    from rich.console import Console

    from labeltree.cli.adapt_sources import open_sources
    from labeltree.reports.words import plural
    from labeltree.taxonomy import read_taxonomy

    factor = _factor(alpha, not_exclusive)
    if out is not None:
        _check_free(out, overwrite)
    tree = None if taxonomy is None else read_taxonomy(taxonomy)
    parts = open_sources(
        sources,
        tree,
        exclusive=not not_exclusive,
        data=data,
        data_root=data_root,
        skip_bad_images=skip_bad_images,
    )
    console = Console()
    if not console.is_terminal:
        console.width = 200
    adapted, table = (_inclusive if not_exclusive else _exclusive)(parts, factor)
    console.print(table)
    if not not_exclusive and (broken := _rows_off_one(adapted)):
        console.print(
            f"note: probabilities of {plural(broken, 'image')} no longer sum to 1 at every level: "
            "all children of a node had probability 0, where Algorithm 1 keeps the sum for α = 1 "
            "only",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )
    if out is not None:
        _save(out, adapted, with_answers=not not_exclusive)
        console.print(f"wrote {out}", highlight=False, markup=False, soft_wrap=True)


def _factor(alpha: str, not_exclusive: bool) -> float | None:
    """The number given; None for the best."""
    from labeltree.decoding.checks import check_alpha
    from labeltree.errors import ConfigError

    if alpha == BEST and not not_exclusive:
        return None
    try:
        number = float(alpha)
    except ValueError:
        also = "" if not_exclusive else f", or {BEST}"
        raise ConfigError(
            f"--alpha is {alpha!r}; give a number from 0 to 2 (1 makes levels agree){also}"
        ) from None
    check_alpha(number)
    return number


def _check_free(out: Path, overwrite: bool) -> None:
    """Make sure that `out` can be written, before anything is computed."""
    from labeltree.errors import DataError, OutputExistsError
    from labeltree.probabilities.saving import WRITERS

    if out.suffix.lower() not in WRITERS:
        raise DataError(f"--out {out}: give a file that ends in {' or '.join(WRITERS)}")
    if out.is_dir() or not out.absolute().parent.is_dir():
        raise DataError(f"--out {out}: give a file in a folder that exists")
    if out.exists() and not overwrite:
        raise OutputExistsError(f"{out} exists; add --overwrite or choose another --out")


def _exclusive(parts: Parts, factor: float | None) -> tuple[NodeProbabilities, Table]:
    from dataclasses import replace

    from labeltree.cli.adapt_tables import changes, scores
    from labeltree.decoding import adapt, sweep
    from labeltree.errors import ConfigError

    test, validation = parts
    swept = None
    if validation is not None and validation.targets is not None:
        swept = sweep(test.taxonomy, validation.probabilities, validation.targets)
    if factor is None:
        if swept is None:
            raise ConfigError(
                f"--alpha {BEST} is chosen on validation images, which only a run folder has, or "
                "a model folder and the --data that it was trained on; give a number"
            )
        factor = swept.best_alpha()
    adapted = replace(test, probabilities=adapt(test.taxonomy, test.probabilities, factor))
    if test.targets is None or not test.targets.any():  # the root: not known
        return adapted, changes(test, adapted, factor)
    return adapted, scores(test, adapted, factor, swept)


def _inclusive(parts: Parts, factor: float | None) -> tuple[NodeProbabilities, Table]:
    from dataclasses import replace

    from labeltree.cli.adapt_tables import inequalities
    from labeltree.decoding import adapt_inclusive

    test = parts.test
    assert factor is not None
    probabilities = adapt_inclusive(test.taxonomy, test.probabilities, factor)
    adapted = replace(test, probabilities=probabilities)
    return adapted, inequalities(test, adapted, factor)


def _rows_off_one(found: NodeProbabilities) -> int:
    """Images whose probabilities at some level do not sum to 1."""
    import numpy as np

    tree, values = found.taxonomy, found.probabilities
    off = np.zeros(len(values), dtype=bool)
    for depth in range(1, tree.depth + 1):
        off |= np.abs(values[:, tree.cut(depth)].sum(axis=1) - 1) > 1e-3
    return int(off.sum())


def _save(out: Path, adapted: NodeProbabilities, with_answers: bool) -> None:
    from labeltree.errors import DataError
    from labeltree.metrics import all_level_answers
    from labeltree.probabilities import save_probabilities

    tree, values = adapted.taxonomy, adapted.probabilities
    answers = all_level_answers(tree, values) if with_answers else None
    try:
        save_probabilities(out, tree, values, adapted.targets, adapted.names, answers)
    except OSError as error:
        raise DataError(f"--out {out}: cannot be written ({error.strerror or error})") from None
