"""Files that are there whole or not at all, however a process ends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A path to write to; when that is done, the file takes the name `path` in one step.

    If the block raises, or the process is killed, what stood at `path` before stays as it was.
    """
    unfinished = path.with_name(f".{path.name}.writing")
    yield unfinished
    with unfinished.open("rb+") as file:  # on disk before the name points at it
        os.fsync(file.fileno())
    unfinished.replace(path)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text whole or not at all."""
    with whole_file(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8")
