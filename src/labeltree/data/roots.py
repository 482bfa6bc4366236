"""Where data sets are looked for, and where decoded copies are kept."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from labeltree.errors import DataError

ROOT_VARIABLE = "LABELTREE_DATA"


def cache_folder() -> Path:
    """The user's cache folder of this program, where the platform wants it; it may not exist."""
    variable, home = {
        "win32": ("LOCALAPPDATA", "~/AppData/Local"),
        "darwin": ("", "~/Library/Caches"),
    }.get(sys.platform, ("XDG_CACHE_HOME", "~/.cache"))
    try:
        return Path(os.environ.get(variable) or home).expanduser() / "labeltree"
    except RuntimeError:  # an account without a home
        return Path(tempfile.gettempdir()) / "labeltree"


def data_roots(data_root: Path | None = None) -> list[Path]:
    """Folders that may hold known sets, the preferred one first.

    That is `data_root` if given, else `$LABELTREE_DATA` if set; and always the user cache, where
    downloads go.

    Raises:
        DataError: the given root is not a folder.
    """
    variable = os.environ.get(ROOT_VARIABLE)
    roots = [cache_folder() / "data"]
    if data_root is not None or variable:
        root = Path(data_root if data_root is not None else str(variable)).expanduser()
        if not root.is_dir():
            told_by = "--data-root" if data_root is not None else f"${ROOT_VARIABLE}"
            raise DataError(f"{told_by} is {str(root)!r}, which is not a folder; create or mend it")
        roots.insert(0, root)
    return roots


def find(names: Iterable[str], data_root: Path | None = None) -> Path | None:
    """The first file or folder with one of these names (globs allowed) under the data roots."""
    for root in data_roots(data_root):
        for name in names:
            for path in sorted(root.glob(name)):
                return path
    return None
