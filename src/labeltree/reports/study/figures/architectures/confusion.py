"""What each network takes for what: appendix A."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from labeltree.reports.charts import Confusion, ConfusionMatrices, Figure, Table
from labeltree.reports.confusion_file import ConfusionCells, read_confusion_file
from labeltree.reports.record import Json
from labeltree.reports.study.figures.architectures.folding import MOST_TOLD, told_of_each
from labeltree.reports.study.figures.architectures.labels import told_apart
from labeltree.reports.study.figures.architectures.networks import Networks, read
from labeltree.reports.study.figures.architectures.record import Matrix
from labeltree.reports.words import count, isolated, listed, percent, plural, printable, short_name

MOST_PAIRS = 5  # of each network, in the table


class Pair(NamedTuple):
    """Images of one label that were taken for another one."""

    truth: str
    answer: str
    images: int
    asked: int


class _Read(NamedTuple):
    matrix: Matrix
    cells: ConfusionCells
    pairs: list[Pair]  # what is confused most first


def confusion(record: Json) -> Figure | None:
    """A matrix for each network and data set; None where no file of one is beside the record."""
    study = read(record)
    found = list(_read(study))
    if not found:
        return None
    datasets = list(dict.fromkeys(one.matrix.dataset for one in found))
    lead = told_of_each(datasets, lambda dataset: _lead(dataset, found))
    matrices = tuple(
        Confusion(
            (short_name(one.matrix.dataset), study.looks[one.matrix.model].name),
            *one.cells,
        )
        for one in found
    )
    return Figure(
        name="confusion",
        title="What is taken for what",
        lead=lead,
        alt=f"Confusion matrices of {plural(len(found), 'network')}. {lead}",
        panels=(ConfusionMatrices(matrices, ("Data set", "Network")),),
        table=_table(found),
        note="Rows are what the images show, columns what was answered. Of a network with several "
        "seeds, it is the run with the lowest one.",
    )


def _read(study: Networks) -> Iterator[_Read]:
    """The matrices whose files lie beside the record."""
    for matrix in study.parts.matrices:
        path = Path(study.parts.folder) / Path(matrix.file).name
        if study.parts.folder and path.is_file():
            cells = read_confusion_file(path)
            yield _Read(matrix, cells, _pairs(cells))


def _pairs(cells: ConfusionCells) -> list[Pair]:
    asked: Counter[int] = Counter()
    for truth, _, images in zip(*cells[1:], strict=True):
        asked[truth] += images
    pairs = [
        Pair(cells.paths[truth], cells.paths[answer], images, asked[truth])
        for truth, answer, images in zip(*cells[1:], strict=True)
        if truth != answer
    ]
    return sorted(pairs, key=lambda pair: -pair.images)


def _lead(dataset: str, found: list[_Read]) -> str:
    """The pair that each network confuses most, each told once for all that confuse it."""
    there = [one for one in found if one.matrix.dataset == dataset]
    pairs: dict[tuple[str, str], list[str]] = {}
    for one in [one for one in there if one.pairs][:MOST_TOLD]:
        first = one.pairs[0]
        told = f"{printable(one.matrix.model)} ({count(first.images)} of {count(first.asked)})"
        pairs.setdefault((first.truth, first.answer), []).append(told)
    if not pairs:
        return f"Nothing is confused{_on(dataset)}."
    parts = [_told(*labels, networks) for labels, networks in pairs.items()]
    rest = ""
    if len(there) > MOST_TOLD:
        rest = f"; for {plural(len(there) - MOST_TOLD, 'more network')}, see the table"
    return f"Confused most{_on(dataset)}: {'; '.join(parts)}{rest}."


def _on(dataset: str) -> str:
    return f" on {printable(dataset)}" if dataset else ""


def _told(truth: str, answer: str, networks: list[str]) -> str:
    shown, answered = map(isolated, told_apart(truth, answer))
    return f"{shown} is taken for {answered} by {listed(networks)}"


def _table(found: list[_Read]) -> Table:
    rows = [
        (
            one.matrix.dataset,
            one.matrix.model,
            printable(pair.truth),
            printable(pair.answer),
            count(pair.images),
            percent(pair.images / pair.asked),
        )
        for one in found
        for pair in one.pairs[:MOST_PAIRS]
    ]
    left_out = sum(max(0, len(one.pairs) - MOST_PAIRS) for one in found)
    head = ("data set", "network", "truth", "answer", "images", "of the truth's images")
    return Table(head, tuple(rows), 4, left_out)
