"""Predictions on their way to one file: parts that are there whole or not at all.

Beside `predictions.parquet` stands `predictions.parquet.parts/` while it is being made:

```
plan.json                         what is asked of which model, see `labeltree.prediction.plan`
00000000-8192-3-<digest>.parquet  8192 rows, 3 of damaged images; digest of all names up to there
00000001-8192-0-<digest>.parquet
whole.parquet, moving.json        the parts joined; how to know that file once moved, what it holds
lock                              held by the process that writes
```

A process may be killed at any moment. What counts is what has its name: a part is complete with
the numbers in its name; the joined file takes the place of the output in one step.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Self

from filelock import FileLock, Timeout

from labeltree.errors import DataError, OutputExistsError
from labeltree.prediction.answering import Rows
from labeltree.prediction.plan import difference
from labeltree.prediction.sources import STANDARD_INPUT, Picture
from labeltree.prediction.tables import Table
from labeltree.writing import whole_file, write_text

PLAN, MOVING, LOCK = "plan.json", "moving.json", "lock"
_PART = re.compile(r"(\d{8})-(\d+)-(\d+)-([0-9a-f]{32})\.\w+")
_OURS = re.compile(r"plan\.json|moving\.json|lock|whole\.\w+|\..*\.writing|" + _PART.pattern)


@dataclass(frozen=True)
class Part:
    """A part that is complete."""

    path: Path
    rows: int
    problems: int
    digest: str


class Finished(NamedTuple):
    """What an earlier start wrote, of which only the parts were left to be removed."""

    rows: int
    problems: int


class Parts:
    """The folder of parts of one output; a context that holds its lock.

    Attributes:
        out: the file that is to be made.
        folder: beside it.
        found: the parts that are complete, in order.
    """

    def __init__(self, out: Path) -> None:
        self.out = out
        self.folder = out.with_name(f"{out.name}.parts")
        self.found: list[Part] = []
        self._lock = FileLock(self.folder / LOCK)
        self._digest = hashlib.blake2b(digest_size=16)
        self._plan: dict[str, Any] = {}

    def __enter__(self) -> Self:
        """Take the folder.

        Raises:
            OutputExistsError: it holds what is not ours, or another process writes there.
        """
        if self.folder.exists() and not self._is_ours():
            raise OutputExistsError(
                f"{self.folder} is in the way and holds no parts of predictions; choose another "
                "--out"
            )
        self.folder.mkdir(exist_ok=True)
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise OutputExistsError(
                f"{self.out} is being written by another process; wait for it, or choose another "
                "--out"
            ) from None
        return self

    def __exit__(self, *_: object) -> None:
        """Let the folder go; one without a part disappears."""
        if not self._named():
            for name in (PLAN, MOVING, LOCK):
                (self.folder / name).unlink(missing_ok=True)
            with suppress(OSError):
                self.folder.rmdir()
        self._lock.release()

    def begin(self, plan: dict[str, Any], overwrite: bool) -> Finished | None:
        """Go on with what an earlier start of the same command left, or start anew.

        Args:
            plan: what is to be done.
            overwrite: whether an output that exists is replaced, and parts are thrown away.

        Returns:
            What is done already, if all is and was only to be tidied.

        Raises:
            OutputExistsError: the output exists, or the parts are of other work.
        """
        for file in self.folder.glob(".*.writing"):
            file.unlink()
        before = None if overwrite else _read(self.folder / PLAN)
        if self.out.exists() and not overwrite:
            mark = _mark(self.out)
            moved = _read(self.folder / MOVING) or {}
            finished = moved.get("file") == mark
            if finished:
                self.remove()
                if _is_same_work(moved["plan"], plan):
                    return Finished(moved["rows"], moved["problems"])
            if finished or before is None or before.get("replaces") != mark:
                raise OutputExistsError(
                    f"{self.out} exists; add --overwrite or choose another --out"
                )
        self._plan = plan
        if before is None:
            self.remove()
            replaces = _mark(self.out) if self.out.exists() else None
            write_text(self.folder / PLAN, json.dumps({**plan, "replaces": replaces}))
            return None
        if (reason := difference(before, plan)) is not None:
            raise self._changed(reason)
        self.found = list(self._complete())
        return None

    def go_past(self, pictures: Iterator[Picture]) -> int:
        """Take the pictures whose rows are there.

        Args:
            pictures: all of them.

        Returns:
            How many these were.

        Raises:
            OutputExistsError: they are not those that were answered.
        """
        for part in self.found:
            for _ in range(part.rows):
                if (picture := next(pictures, None)) is None:
                    raise self._changed("there are fewer images now")
                self._count(picture)
            if self._digest.hexdigest() != part.digest:
                raise self._changed("the images are not the same, or in another order")
        return self.rows

    @property
    def rows(self) -> int:
        """Rows of all parts."""
        return sum(part.rows for part in self.found)

    @property
    def problems(self) -> int:
        """Rows of damaged images."""
        return sum(part.problems for part in self.found)

    def add(self, table: Table, pictures: list[Picture], rows: Rows) -> None:
        """Keep a part.

        Args:
            table: writes it.
            pictures: those that come next.
            rows: theirs.
        """
        for picture in pictures:
            self._count(picture)
        digest = self._digest.hexdigest()
        problems = sum(problem is not None for problem in rows["problem"])
        numbers = f"{len(self.found):08}-{len(pictures)}-{problems}-{digest}"
        name = numbers + self.out.suffix.lower()
        with whole_file(self.folder / name) as unfinished:
            table.write_part(unfinished, rows)
        self.found.append(Part(self.folder / name, len(pictures), problems, digest))

    def join(self, table: Table) -> None:
        """Make the output of all parts, in one step, and remove them."""
        whole = self.folder / f"whole{self.out.suffix.lower()}"
        with whole_file(whole) as unfinished:
            table.join([part.path for part in self.found], unfinished)
        told = {"rows": self.rows, "problems": self.problems, "plan": self._plan}
        write_text(self.folder / MOVING, json.dumps({"file": _mark(whole), **told}))
        whole.replace(self.out)
        self.remove()

    def remove(self) -> None:
        """Throw all away; what is left is sound at any moment: the last parts go first.

        `moving.json` goes after all parts: as long as there is one, it tells that they are done.
        """
        named = self._named()
        for file in self.folder.iterdir():
            if file not in named and file.name not in (PLAN, MOVING, LOCK):
                file.unlink()
        for file in reversed(named):
            file.unlink()
        self.found = []
        for name in (PLAN, MOVING):
            (self.folder / name).unlink(missing_ok=True)

    def _complete(self) -> Iterator[Part]:
        for number, file in enumerate(self._named()):
            told = _PART.fullmatch(file.name)
            assert told is not None
            if int(told[1]) != number:
                raise self._changed(f"part {number} is missing")
            yield Part(file, int(told[2]), int(told[3]), told[4])

    def _named(self) -> list[Path]:
        return sorted(file for file in self.folder.iterdir() if _PART.fullmatch(file.name))

    def _count(self, picture: Picture) -> None:
        self._digest.update(picture.identity.encode("utf-8", "backslashreplace") + b"\0")

    def _is_ours(self) -> bool:
        return self.folder.is_dir() and all(
            _OURS.fullmatch(file.name) for file in self.folder.iterdir()
        )

    def _changed(self, reason: str) -> OutputExistsError:
        return OutputExistsError(
            f"{self.folder} holds the beginning of other predictions: {reason}; add --overwrite "
            "to start anew, or choose another --out"
        )


def _read(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise DataError(f"{path}: damaged; add --overwrite to start anew")
    return found


def _is_same_work(done: dict[str, Any], plan: dict[str, Any]) -> bool:
    """Whether a file is what a plan would make; what standard input named is not known any more."""
    return difference(done, plan) is None and STANDARD_INPUT not in plan["sources"]


def _mark(path: Path) -> dict[str, int]:
    """What tells a file from another, also once it was moved."""
    stat = path.stat()
    return {"inode": stat.st_ino, "bytes": stat.st_size, "changed": stat.st_mtime_ns}
