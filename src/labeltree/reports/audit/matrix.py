"""Images that leak from each branch to each other one, as far as a readable figure shows them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from labeltree.errors import ModelFolderError
from labeltree.reports.audit.folder import AuditFolder
from labeltree.reports.audit.record import Level
from labeltree.reports.flows import Flows, folded
from labeltree.reports.words import known

MOST_BRANCHES = 60
LIST_HEAD = ["from", "to", "images"]

Cell = tuple[str, str, int]  # paths of truth and answer, images


def level_flows(audit: AuditFolder, level: Level) -> Flows:
    """Flows between the branches of a level: of its file, else of the record's most frequent ones.

    Raises:
        ModelFolderError: the file is damaged; the message names the line.
    """
    path = audit.path / Path(level.file).name
    cells = list(_read(path) if path.is_file() else _recorded(level))
    paths = list(dict.fromkeys(path for cell in cells for path in cell[:2]))
    place = {path: at for at, path in enumerate(paths)}
    truths, answers, images = (
        np.array(column, dtype=np.int64)
        for column in (
            [place[truth] for truth, _, _ in cells],
            [place[answer] for _, answer, _ in cells],
            [times for _, _, times in cells],
        )
    )
    names = [audit.label(path) for path in paths]
    flows = folded(names, truths, answers, images, MOST_BRANCHES + 1)
    # Without what is left over: it would be the largest of all, and say nothing.
    return flows.first(MOST_BRANCHES)


def _recorded(level: Level) -> Iterator[Cell]:
    """The flows of the record, and the images that stayed as far as they follow from them."""
    left: dict[str, int] = {}
    asked: dict[str, int] = {}
    for flow in level.flows:
        left[flow.source] = left.get(flow.source, 0) + flow.images
        if known(flow.share) and flow.share > 0:
            asked[flow.source] = round(flow.images / flow.share)
    for source, images in asked.items():
        yield source, source, max(0, images - left[source])
    for flow in level.flows:
        yield flow.source, flow.target, flow.images


def _read(path: Path) -> Iterator[Cell]:
    """Cells of a square matrix, or of a list of those that are not empty."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            lines = csv.reader(file)
            head = next(lines, [])
            yield from _listed(lines, path) if head == LIST_HEAD else _square(head, lines, path)
    except (UnicodeDecodeError, csv.Error) as error:
        raise ModelFolderError(f"{path} is damaged ({error}): run the audit again") from None


def _listed(lines: Iterator[list[str]], path: Path) -> Iterator[Cell]:
    for number, line in enumerate(lines, start=2):
        if len(line) != len(LIST_HEAD):
            raise _damage(path, number, f"{len(line)} cells, expected {len(LIST_HEAD)}")
        yield _text(line[0]), _text(line[1]), _images(line[2], path, number)


def _square(head: list[str], lines: Iterator[list[str]], path: Path) -> Iterator[Cell]:
    """Rows are what the images show; the corner may hold any words."""
    answers = [_text(cell) for cell in head[1:]]
    for number, line in enumerate(lines, start=2):
        if len(line) != len(head):
            raise _damage(path, number, f"{len(line)} cells, expected {len(head)}, as in line 1")
        truth = _text(line[0])
        for answer, cell in zip(answers, line[1:], strict=True):
            if cell != "0" or answer == truth:  # a branch that nothing leaks from has its row
                yield truth, answer, _images(cell, path, number)


def _text(cell: str) -> str:
    """A label; an apostrophe before it only keeps spreadsheets from running it."""
    return cell.removeprefix("'")


def _images(cell: str, path: Path, number: int) -> int:
    if not cell.isdecimal():
        raise _damage(path, number, f"{cell!r} where a number of images is expected")
    return int(cell)


def _damage(path: Path, line: int, what: str) -> ModelFolderError:
    return ModelFolderError(f"{path} is damaged at line {line}: {what}. Run the audit again")
