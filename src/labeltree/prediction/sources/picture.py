"""One image that is to be answered for, and what yields such images."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Protocol

from labeltree.data.file_names import printable


class Picture(NamedTuple):
    """An image before it is decoded.

    Attributes:
        name: what the answer calls it.
        stored: its path or its bytes, of which there are none where no image is given; None where
            it was only to be named.
        identity: what tells it apart from other images, for as long as the source does not change.
        place: what an error calls it.
        problem: why it cannot be read, if that is known beforehand.
    """

    name: str
    stored: str | bytes | None
    identity: str
    place: str
    problem: str | None = None


class Source(Protocol):
    """Images in an order that is the same each time; never all of them in memory."""

    def count(self) -> int:
        """How many there are, without opening any.

        Raises:
            DataError: the source cannot be read.
        """

    def pictures(self, only_named: int = 0) -> Iterator[Picture]:
        """All of them; the first `only_named` need not be read.

        Raises:
            DataError: the source cannot be read.
        """


def written_out(name: str) -> str:
    r"""A name that a file can hold: bytes of it that are no text are written out.

    >>> print(written_out("\udce9.jpg"))
    \udce9.jpg
    """
    return name.encode("utf-8", "backslashreplace").decode()


def place_of(named: str) -> Path:
    """Where a file is that a person names: as it is if that exists, else with `~` as a home folder.

    Never raises: of a user who is unknown the text stays as it is.
    """
    return Path(named if os.path.lexists(named) else os.path.expanduser(named))  # noqa: PTH111


def picture_in_file(path: str, name: str | None = None) -> Picture:
    """The picture in a file; it is called by its path unless a name is given."""
    name = name or path
    return Picture(name, path, name, printable(path))
