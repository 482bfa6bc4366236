"""Nested folders: every folder is a label, the innermost are the leaves; files do not matter.

Hidden folders and `__MACOSX` are passed over; siblings come in alphabetical order.
"""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

from labeltree.taxonomy.names import printable
from labeltree.taxonomy.relations import Relations

IGNORED = ("__MACOSX",)


def recognises(path: Path) -> bool:
    """A folder."""
    return path.is_dir()


def read(path: Path) -> Relations:
    """Walk the folders; links are followed, but not into a folder that they stand in."""
    relations = Relations(str(path))
    stack: list[tuple[str, int, tuple[tuple[int, int], ...]]] = [(str(path), 0, ())]
    while stack:
        folder, node, above = stack.pop()
        status = Path(folder).stat()
        with os.scandir(folder) as entries:
            listed = list(entries)
        identity = (status.st_dev, status.st_ino)
        if identity in above:
            message = "this link leads into a folder that it stands in; remove the link"
            relations.problem("cycle", message, printable(folder))
            continue
        below = [entry for entry in listed if entry.is_dir() and not _passed_over(entry.name)]
        if not listed and node:
            relations.hollow.append(node)
        for entry in sorted(below, key=lambda entry: entry.name):
            child = _add(relations, node, entry)
            stack.append((entry.path, child, (*above, identity)))
    return relations


def _add(relations: Relations, parent: int, entry: os.DirEntry[str]) -> int:
    name = unicodedata.normalize("NFC", entry.name)
    place = printable(entry.path)
    known = len(relations.names)
    child = relations.child(parent, name, place)
    if child < known:  # another spelling of the same name
        relations.relate(parent, child, place)
    return child


def _passed_over(name: str) -> bool:
    return name.startswith(".") or name in IGNORED
