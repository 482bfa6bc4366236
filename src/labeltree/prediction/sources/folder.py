"""The image files below a folder, one folder in memory at a time."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from labeltree.data.file_names import printable
from labeltree.data.sources.folder import IMAGE_SUFFIXES, is_folder
from labeltree.errors import DataError
from labeltree.prediction.sources.picture import Picture, picture_in_file


class Once:
    """What was named before, so that each image is named once.

    Folders are remembered as such, and images only where arguments name them one by one.
    """

    def __init__(self) -> None:
        self._folders: set[str] = set()
        self._files: set[str] = set()

    def folder(self, real: str) -> bool:
        """Whether a folder (its real path) comes for the first time."""
        new = real not in self._folders
        self._folders.add(real)
        return new

    def file(self, path: Path, kept: bool) -> bool:
        """Whether a file that is named by itself comes for the first time.

        Args:
            path: of the file.
            kept: whether it is remembered: not if any number of them may come.
        """
        real = os.path.realpath(path.parent)
        place = os.path.join(real, path.name)  # noqa: PTH118 (once per image)
        if place in self._files or (real in self._folders and _is_listed(path.name)):
            return False
        if kept:
            self._files.add(place)
        return True

    def listed(self, real: str, name: str) -> bool:
        """Whether a file that is found in a folder comes for the first time."""
        return not self._files or f"{real}{os.sep}{name}" not in self._files


class Found(NamedTuple):
    """A folder that a walk came to.

    Attributes:
        path: as it was found.
        real: without links.
        entries: sorted, hidden ones left out.
        problem: why it cannot be read; None if it was.
    """

    path: str
    real: str
    entries: list[os.DirEntry[str]]
    problem: str | None


def images_below(folder: Path, once: Once) -> Iterator[Picture]:
    """All images below a folder, sorted within each folder, its files before its folders.

    A folder in it that cannot be read stands for its images, as one that cannot be read either.

    Raises:
        DataError: the folder itself cannot be read.
    """
    for path, real, entries, problem in folders_below(folder, once.folder):
        if problem is not None:
            if path == str(folder):
                raise DataError(problem)
            yield picture_in_file(_short(path))._replace(problem=problem)
        for entry in entries:
            if not is_folder(entry) and _is_listed(entry.name) and once.listed(real, entry.name):
                yield picture_in_file(_short(entry.path))


def folders_below(folder: Path, is_new: Callable[[str], bool]) -> Iterator[Found]:
    """A folder and all folders below it.

    As `labeltree.data.sources.folder.walk_images`, but names need not be labels: hidden entries
    are passed over; a link to a folder is followed, unless it leads to what is listed anyway.

    Args:
        folder: the first.
        is_new: whether a folder, told by its real path, comes for the first time.
    """
    top = os.path.realpath(folder)
    stack = [(str(folder), top)]
    while stack:
        path, real = stack.pop()
        if not is_new(real):
            continue
        found = _found(path, real)
        yield found
        below: list[tuple[str, str]] = []
        for entry in filter(is_folder, found.entries):
            target = f"{real}{os.sep}{entry.name}"
            if entry.is_symlink():
                target = os.path.realpath(entry.path)
                if f"{target}{os.sep}".startswith(f"{top}{os.sep}"):
                    continue
            below.append((entry.path, target))
        stack.extend(reversed(below))


def _found(path: str, real: str) -> Found:
    try:
        with os.scandir(path) as entries:
            seen = [entry for entry in entries if not _is_hidden(entry.name)]
    except OSError as error:
        return Found(path, real, [], f"{printable(path)}: folder cannot be read ({error.strerror})")
    seen.sort(key=lambda entry: unicodedata.normalize("NFC", entry.name))
    return Found(path, real, seen, None)


def _short(path: str) -> str:
    return path.removeprefix(f".{os.sep}")


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or name == "__MACOSX"


def _is_listed(name: str) -> bool:
    return not _is_hidden(name) and os.path.splitext(name)[1].lower() in IMAGE_SUFFIXES  # noqa: PTH122
