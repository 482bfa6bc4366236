"""Predictions of any number of images in one file; after a kill, the same command goes on."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from labeltree.data.decoding import quietly
from labeltree.errors import ConfigError, OutputExistsError
from labeltree.prediction.answering import Question, Rows, columns, rows
from labeltree.prediction.decoding import Batch, batches, sensible_batch_size
from labeltree.prediction.looking import looked_at
from labeltree.prediction.parts import Parts
from labeltree.prediction.plan import plan
from labeltree.prediction.progress import Answering
from labeltree.prediction.sources import STANDARD_INPUT, NamedImages, Picture, place_of
from labeltree.prediction.tables import Layout, Table, table_for
from labeltree.runtime import Predicted, Predictor
from labeltree.taxonomy import Taxonomy

PART_ROWS = 8192
_PART_BYTES = 64 << 20  # of node probabilities and leaves that are told
_PART_SECONDS = 30.0  # that a kill costs at most, and the batch that was being looked at


@dataclass(frozen=True)
class Written:
    """What was written.

    Attributes:
        images: rows of the file.
        problems: those that could not be read.
        before: those that an earlier start had answered.
        seconds: that this start took, opening the model not included.
    """

    images: int
    problems: int
    before: int
    seconds: float

    @property
    def words(self) -> str:
        """All of it in a line.

        >>> Written(100_000, 2, 40_000, 50).words
        '100,000 images (2 could not be read), 60,000 of them now, at 1,200 images/s'
        """
        now = self.images - self.before
        bad = f" ({self.problems:,} could not be read)" if self.problems else ""
        part = f", {now:,} of them now" if self.before else ""
        speed = f", at {now / self.seconds:,.0f} images/s" if now and self.seconds else ""
        return f"{self.images:,} image{'' if self.images == 1 else 's'}{bad}{part}{speed}"


def check_out(out: Path, sources: list[str], overwrite: bool) -> None:
    """Refuse a file that cannot be written, before a model is opened.

    Raises:
        ConfigError: its ending is unknown, or it lies in a folder that is read.
        OutputExistsError: it exists, and no beginning of it lies beside it.
        MissingExtraError: what writes it is not installed.
    """
    table_for(out)
    place = Path(os.path.realpath(out))
    for source in sources:
        if source != STANDARD_INPUT and "\0" not in source:
            read = Path(os.path.realpath(place_of(source)))
            if place == read or (read.is_dir() and place.is_relative_to(read)):
                where = "is read itself" if place == read else f"lies in {source}, which is read"
                raise ConfigError(f"--out {out} {where}; choose another place")
    if out.is_dir():
        raise ConfigError(f"--out {out} is a folder; give a file")
    if out.exists() and not overwrite and not Parts(out).folder.exists():
        raise OutputExistsError(f"{out} exists; add --overwrite or choose another --out")


def predict_to_file(
    predictor: Predictor,
    model: Path,
    images: NamedImages,
    out: Path,
    question: Question,
    *,
    options: dict[str, Any] | None = None,
    batch_size: int | None = None,
    at_once: int = 1,
    overwrite: bool = False,
    console: Console | None = None,
) -> Written:
    """Answer for images, a row each in the order of the images, in constant memory.

    Args:
        predictor: see `labeltree.prediction.open_predictor`.
        model: where it was read from; another model does not go on with the work of this one.
        images: what is answered for.
        out: `.parquet`, `.csv` or `.jsonl`; see docs/formats.md. Until it is whole, its parts lie
            in a folder beside it.
        question: what is asked.
        options: what else the answers depend on, by the names that the user gave it.
        batch_size: images that are looked at together; None is `sensible_batch_size`.
        at_once: see `labeltree.prediction.looking.lanes`.
        overwrite: replace `out`, and start anew.
        console: for progress; None shows none.

    Raises:
        ConfigError: a batch size below 1, or as `check_out`.
        DataError: no image, or a source that cannot be read. A damaged image is a row instead.
        OutputExistsError: `out` exists, or what lies beside it is the beginning of other work.
        OSError: a file cannot be written; what was done is kept.
    """
    if batch_size is not None and batch_size < 1:
        raise ConfigError(f"--batch-size is {batch_size}; give a number of images, from 1 on")
    check_out(out, list(images.arguments), overwrite)
    size = batch_size or sensible_batch_size(predictor.preprocessing)
    tree = predictor.taxonomy
    layout = Layout(columns(predictor, question), tree.paths, predictor.name)
    table = table_for(out)(layout)
    console = console or Console(quiet=True)
    asked = {
        "--target-accuracy": question.target_accuracy,
        "--given": None if question.known is None else tree.paths[question.known],
        "--top": question.top,
        "--nodes": question.nodes,
        "--column": images.column,
        **(options or {}),
    }
    total = images.count()
    begun = time.monotonic()
    out.parent.mkdir(parents=True, exist_ok=True)
    parts = Parts(out)
    with _room(parts), parts:
        if finished := parts.begin(plan(model, images.arguments, asked), overwrite):
            return Written(finished.rows, finished.problems, finished.rows, 0)
        before = sum(part.rows for part in parts.found)
        pictures = images.pictures(only_named=before)
        parts.go_past(pictures)
        if before:
            _say(console, f"going on after {before:,} images that an earlier start answered")
        with (
            Answering(console, total, before) as progress,
            quietly(),
            closing(batches(pictures, predictor.preprocessing, size)) as decoded,
            closing(looked_at(predictor, decoded, at_once)) as looks,
        ):
            _answer(predictor, looks, question, parts, table, progress)
        if not parts.rows:
            raise images.nothing()
        if total is not None and parts.rows != total:
            _say(console, f"{parts.rows:,} images were found, {total:,} at first: some changed")
        done = Written(parts.rows, parts.problems, before, time.monotonic() - begun)
        parts.join(table)
    return done


def _answer(
    predictor: Predictor,
    looks: Iterator[tuple[Batch, Predicted | None]],
    question: Question,
    parts: Parts,
    table: Table,
    progress: Answering,
) -> None:
    """Answer for all that is left, part by part."""
    whole = rows_of_part(question, predictor.taxonomy)
    waiting: list[Picture] = []
    gathered: Rows = {}
    kept = time.monotonic()
    for batch, said in looks:
        for name, cells in rows(predictor, batch, said, question).items():
            gathered.setdefault(name, []).extend(cells)
        waiting.extend(_unread(batch))
        progress.update(parts.rows + len(waiting))
        if len(waiting) >= whole or time.monotonic() - kept >= _PART_SECONDS:
            parts.add(table, waiting, gathered)
            waiting, gathered, kept = [], {}, time.monotonic()
    if waiting:
        parts.add(table, waiting, gathered)


def rows_of_part(question: Question, taxonomy: Taxonomy) -> int:
    """Rows that are gathered before they are written, so that memory does not grow with them.

    >>> tree = Taxonomy.from_paths([f"kind {number}" for number in range(10_000)])
    >>> [rows_of_part(Question(top=top), tree) for top in (5, 1000, 10_000)]
    [8192, 1677, 167]
    >>> rows_of_part(Question(top=0, nodes=True), tree)
    1677
    """
    nodes = taxonomy.num_nodes if question.nodes else 1
    # In bytes: 4 for a node; of a leaf two places in lists and a number of Python's.
    each = 4 * nodes + 40 * min(question.top, taxonomy.num_leaves)
    return min(PART_ROWS, max(1, _PART_BYTES // each))


def _unread(batch: Batch) -> Iterator[Picture]:
    """Pictures without their bytes, which are not needed any more."""
    return (picture._replace(stored=None) for picture in batch.pictures)


@contextmanager
def _room(parts: Parts) -> Iterator[None]:
    """Name the file that was asked for, and say what to do, where there is no room or no right."""
    try:
        yield
    except OSError as error:
        if error.strerror is None:
            raise
        done = f"; {parts.rows:,} answers are kept: the same command goes on" if parts.rows else ""
        raise OSError(error.errno, f"{error.strerror}{done}", str(parts.out)) from None


def _say(console: Console, words: str) -> None:
    console.print(words, highlight=False, markup=False, soft_wrap=True)
