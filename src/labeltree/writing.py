"""Files that are there whole or not at all, however a process ends."""

from __future__ import annotations

import errno
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_OF_THE_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
_ENDING = ".writing"
_FORGOTTEN = 3600.0  # seconds without a change after which nobody is writing any more


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A path to write to; when that is done, the file takes the name `path` in one step.

    If the block raises, or the process is killed, what stood at `path` before stays as it was.
    Several processes may write the same file: each writes to a name of its own, and the last one
    to finish wins. What a killed process left half-written is removed by a later writer.

    Raises:
        OSError: it cannot be written; it names `path`, since nobody knows the other name.
    """
    _remove_forgotten(path)
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}{_ENDING}")
    try:
        yield unfinished
        with unfinished.open("rb+") as file:  # on disk before the name points at it
            os.fsync(file.fileno())
        unfinished.replace(path)
    except BaseException as error:
        unfinished.unlink(missing_ok=True)
        if isinstance(error, OSError) and _is_of(error, unfinished):
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise


def _is_of(error: OSError, file: Path) -> bool:
    """Whether an error is one of writing a file; of a full disk the system names no file."""
    if error.filename is None:
        return error.errno in _OF_THE_DISK
    return str(error.filename) == str(file)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text whole or not at all."""
    with whole_file(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8")


def _remove_forgotten(path: Path) -> None:
    for file in path.parent.glob(f".*{_ENDING}"):
        if file.name.startswith(f".{path.name}."):
            try:
                if time.time() - file.stat().st_mtime > _FORGOTTEN:
                    file.unlink()
            except OSError:  # finished or removed by another process meanwhile
                continue
