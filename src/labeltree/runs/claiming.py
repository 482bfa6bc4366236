"""A folder for results: free, or holding what the same command wrote before."""

from __future__ import annotations

import json
from pathlib import Path

from labeltree.errors import ModelFolderError, OutputExistsError
from labeltree.runs.results import RECORD
from labeltree.runs.run_folder import RECIPE

KINDS = {
    "evaluate": ("an", "evaluation"),
    "audit": ("an", "audit"),
    "comparison": ("a", "comparison"),
}
"""Kinds of records and the words for what a folder with such a record holds."""


def claim_folder(out: Path, kind: str, overwrite: bool) -> None:
    """Make sure that `out` may be written to; nothing is removed yet.

    Args:
        out: where results of `kind` shall go.
        kind: a key of `KINDS`.
        overwrite: whether results of the same kind may be replaced.

    Raises:
        ModelFolderError: it holds something else, which is never removed.
        OutputExistsError: it holds such results, and `overwrite` is not set.
    """
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    article, word = KINDS[kind]
    if (out / RECIPE).is_file() or _kind_of(out / RECORD) != kind:
        raise ModelFolderError(f"{out} exists and holds no {word}; choose another --out")
    if not overwrite:
        raise OutputExistsError(
            f"{out} already holds {article} {word}; add --overwrite or choose another --out"
        )


def _kind_of(path: Path) -> str | None:
    """The kind of a record; None where there is no readable one."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found.get("kind") if isinstance(found, dict) else None
