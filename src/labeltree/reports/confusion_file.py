"""Confusion matrices as CSV: a square of numbers, or of many labels a row for each cell."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from labeltree.errors import ModelFolderError
from labeltree.taxonomy import SEPARATOR

LIST_HEAD = ["from", "to", "images"]

Cell = tuple[str, str, int]  # paths of truth and answer, images


class ConfusionCells(NamedTuple):
    """A matrix by its cells that are not empty; see `labeltree.reports.charts.Confusion`.

    Attributes:
        paths: of all labels, in the order of their rows; then those that are only answers.
        truths, answers: places among `paths`.
        images: how many, each at least 1.
    """

    paths: tuple[str, ...]
    truths: tuple[int, ...]
    answers: tuple[int, ...]
    images: tuple[int, ...]


def read_confusion_file(path: Path) -> ConfusionCells:
    """Read either kind of table; in a square one, rows are what the images show.

    Raises:
        ModelFolderError: there is no such file, or it is damaged; the message names the line.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            lines = csv.reader(file)
            head = next(lines, [])
            found = _listed(lines, path) if head == LIST_HEAD else _square(head, lines, path)
            cells = gathered(found)
    except FileNotFoundError:
        raise ModelFolderError(f"{path} is missing: run again what made it") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise ModelFolderError(f"{path} is damaged ({error}): run again what made it") from None
    _check_apart(cells.paths, path)
    return cells


def gathered(cells: Iterable[Cell]) -> ConfusionCells:
    """Cells by the places of their labels.

    >>> gathered([("cat", "dog", 2), ("dog", "dog", 0)])
    ConfusionCells(paths=('cat', 'dog'), truths=(0,), answers=(1,), images=(2,))
    """
    cells = list(cells)
    paths = dict.fromkeys([*(cell[0] for cell in cells), *(cell[1] for cell in cells)])
    place = {one: at for at, one in enumerate(paths)}
    there = [cell for cell in cells if cell[2]]
    return ConfusionCells(
        tuple(paths),
        tuple(place[truth] for truth, _, _ in there),
        tuple(place[answer] for _, answer, _ in there),
        tuple(images for _, _, images in there),
    )


def _listed(lines: Iterator[list[str]], path: Path) -> Iterator[Cell]:
    for number, line in enumerate(lines, start=2):
        if len(line) != len(LIST_HEAD):
            raise _damage(path, number, f"{len(line)} cells, expected {len(LIST_HEAD)}")
        yield _text(line[0]), _text(line[1]), _images(line[2], path, number)


def _square(head: list[str], lines: Iterator[list[str]], path: Path) -> Iterator[Cell]:
    """The corner may hold any words."""
    answers = [_text(cell) for cell in head[1:]]
    for number, line in enumerate(lines, start=2):
        if len(line) != len(head):
            raise _damage(path, number, f"{len(line)} cells, expected {len(head)}, as in line 1")
        truth = _text(line[0])
        for answer, cell in zip(answers, line[1:], strict=True):
            if cell != "0" or answer == truth:  # a label that nothing leaks from has its row
                yield truth, answer, _images(cell, path, number)


def _text(cell: str) -> str:
    """A label; an apostrophe before it only keeps spreadsheets from running it."""
    return cell.removeprefix("'")


def _images(cell: str, path: Path, number: int) -> int:
    if not cell.isdecimal():
        raise _damage(path, number, f"{cell!r} where a number of images is expected")
    return int(cell)


def _check_apart(paths: tuple[str, ...], path: Path) -> None:
    """None of the labels may lie below another one: an image would be in two places."""
    above = {one[:at] for one in paths for at, sign in enumerate(one) if sign == SEPARATOR}
    for one in paths:
        if one in above:
            raise ModelFolderError(
                f"{path} is damaged: {one!r} is a label, and above others. Run again what made it"
            )


def _damage(path: Path, line: int, what: str) -> ModelFolderError:
    return ModelFolderError(f"{path} is damaged at line {line}: {what}. Run again what made it")
