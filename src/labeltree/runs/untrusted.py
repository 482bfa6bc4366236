"""Files of a model folder that may come from a stranger: what is read, and how much of it.

Nothing outside the folder is read, nothing is read that no memory could hold, and what does not fit
is an error in one line.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from labeltree.errors import ModelFolderError

MOST_BYTES = 2**27
"""Of a JSON file; 100,000 labels with long paths take a quarter of it."""


def own_file(folder: Path, name: str) -> Path:
    """A file of a model folder.

    The folder itself may be a link, which its owner made; a link in it must not leave it.

    Raises:
        ModelFolderError: not there, or a link to what lies elsewhere.
    """
    path = folder / name
    if not path.is_file():
        raise ModelFolderError(
            f"{folder}: no model here, {name} is missing; give the folder that "
            "`labeltree train --out` wrote"
        )
    if path.resolve().parent != folder.resolve():
        raise ModelFolderError(
            f"{path}: a link that leaves the model folder is not followed; copy the file itself"
        )
    return path


def check_size(path: Path) -> None:
    """Raise ModelFolderError if a JSON file is larger than any model has."""
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise damaged(path, f"{size:,} bytes; no labels take more than {MOST_BYTES:,}")


def read_object(path: Path) -> dict[str, Any]:
    """The JSON object in a file.

    Raises:
        ModelFolderError: no such thing, or too large; numbers are finite.
    """
    check_size(path)
    try:
        stored = json.loads(path.read_bytes(), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise damaged(path, error) from None
    if not isinstance(stored, dict):
        raise damaged(path, "not a JSON object")
    return stored


def damaged(file: Path, error: Exception | str) -> ModelFolderError:
    """The error of a file with something wrong in it."""
    reason = " ".join(str(error).split())
    return ModelFolderError(
        f"{file}: damaged or of another model ({reason[:200]}); copy the model folder again"
    )


def _no_number(constant: str) -> Any:
    raise ValueError(f"{constant} is no number")
