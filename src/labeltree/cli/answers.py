"""The forms in which answers are printed: text for people, JSON lines, CSV."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from labeltree.data.sources.cells import labels_text
from labeltree.spreadsheet import safe
from labeltree.taxonomy.names import printable

if TYPE_CHECKING:
    from labeltree.prediction import FileAnswer

_COLUMNS = ("image", "answer", "probability", "depth", "reason", "problem", "labels", "presence")


def print_answers(answers: Iterable[FileAnswer], form: str) -> tuple[int, int]:
    """Print answers as they come, problems in their place.

    Args:
        answers: one for each image.
        form: a key of `FORMS`.

    Returns:
        How many images could not be read, and how many there were.
    """
    problems = images = 0
    write = FORMS[form]()
    for answer in answers:
        problems += answer.answer is None
        images += 1
        write(answer)
    return problems, images


def _text() -> Callable[[FileAnswer], None]:
    def write(file: FileAnswer) -> None:
        if file.answer is None:
            print(f"error: {file.problem}", file=sys.stderr)
            return
        answer = file.answer
        steps = [f"{path.rsplit('/', 1)[-1]} {p:.2f}" for path, p in answer.steps]
        beyond = [f"{path.rsplit('/', 1)[-1]} {p:.2f}?" for path, p in answer.beyond]
        print(printable(file.image))
        if answer.labels:
            labels = ", ".join(f"{path} {presence:.2f}" for path, presence in answer.labels)
            print(f"    labels {labels}")
        print(f"    {' › '.join(steps) or '(no label is sure enough)'}", end="")
        print(f"  ({' › '.join(beyond)})" if beyond else "")
        print(f"    {answer.reason}")

    return write


def _json() -> Callable[[FileAnswer], None]:
    # What another encoding cannot hold would be escaped by it in ways that are not JSON's.
    only_ascii = not (sys.stdout.encoding or "utf-8").lower().startswith("utf")

    def write(file: FileAnswer) -> None:
        answer = file.answer.to_dict() if file.answer else {"problem": file.problem}
        print(json.dumps({"image": file.image, **answer}, ensure_ascii=only_ascii))

    return write


def _csv() -> Callable[[FileAnswer], None]:
    rows = csv.writer(sys.stdout, lineterminator="\n")
    rows.writerow(_COLUMNS)

    def write_row(*cells: object) -> None:
        rows.writerow([safe(cell) if isinstance(cell, str) else cell for cell in cells])

    def write(file: FileAnswer) -> None:
        if file.answer is None:
            write_row(file.image, "", "", "", "", file.problem, "", "")
            return
        answer = file.answer
        chance = f"{answer.probability:.6g}"
        labels = labels_text(path for path, _ in answer.labels)
        presence = labels_text(f"{value:.6g}" for _, value in answer.labels)
        said = [answer.path, chance, len(answer.steps), answer.reason]
        write_row(file.image, *said, "", labels, presence)

    return write


FORMS: dict[str, Callable[[], Callable[[FileAnswer], None]]] = {
    "text": _text,
    "json": _json,
    "csv": _csv,
}
