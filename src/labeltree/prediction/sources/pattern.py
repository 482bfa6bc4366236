"""The files and folders that a pattern such as `photos/**/*.jpg` means."""

from __future__ import annotations

import glob
from pathlib import Path

from labeltree.prediction.sources.folder import Once, folders_below

_ANY_DEPTH = "**"


def matching(pattern: Path) -> list[str]:
    """What a pattern matches, in order; hidden files and folders only where it names the dot.

    `**` stands for any folders, or none. Links among them are followed as they are where a folder
    is named: `glob` would follow a link that leads back again and again.
    """
    parts = pattern.parts
    if _ANY_DEPTH not in parts:
        return sorted(glob.glob(str(pattern)))  # noqa: PTH207
    place = parts.index(_ANY_DEPTH)
    rest = parts[place + 1 :]
    found: set[str] = set()
    for base in map(Path, matching(Path(*parts[:place]))):
        if base.is_dir():
            for folder in folders_below(base, Once().folder):
                if not rest:
                    found.add(folder.path)
                found.update(matching(Path(glob.escape(folder.path), *(rest or ("*",)))))
    return sorted(found)
