"""The image files that a person means by files, folders, globs and standard input."""

from __future__ import annotations

import glob
from collections.abc import Iterable, Sequence
from pathlib import Path

from labeltree.data.sources.folder import walk_images
from labeltree.errors import DataError


def list_images(arguments: Sequence[str], standard_input: Iterable[str] = ()) -> list[Path]:
    """Image files, each once, in the order given; those in folders sorted.

    Args:
        arguments: files (taken as they are), folders (all images below them), globs such as
            `"photos/**/*.jpg"`, or `-` for one path per line of standard input.
        standard_input: its lines.

    Raises:
        DataError: an argument names nothing, or there is no image at all.
    """
    found: dict[Path, None] = {}
    for argument in arguments:
        if argument == "-":
            for line in standard_input:
                if text := line.rstrip("\r\n"):
                    found.update(dict.fromkeys(_files(text)))
        else:
            found.update(dict.fromkeys(_files(argument)))
    if not found:
        places = ", ".join(_named(argument) for argument in arguments)
        raise DataError(f"no image in {places or 'nothing'}; name image files")
    return list(found)


def _named(argument: str) -> str:
    return "standard input" if argument == "-" else argument


def _files(argument: str) -> list[Path]:
    if not argument or "\0" in argument:
        raise DataError(
            f"{argument[:80]!r} is no path; give files, folders or patterns, one a line"
        )
    path = Path(argument).expanduser()
    if path.is_dir():
        return [Path(file) for file in walk_images(path).files]
    if path.exists():
        return [path]
    matches = sorted(glob.glob(str(path), recursive=True))  # noqa: PTH207
    if not matches:
        raise DataError(f"{argument}: no such file or folder, and no pattern that matches one")
    return [file for match in matches for file in _files(match)]
