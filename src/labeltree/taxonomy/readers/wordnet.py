"""A list of WordNet ids, such as ImageNet's `synsets.txt` or Tiny-ImageNet's `wnids.txt`.

One class per line, its id first (what follows is a comment for people), or a table whose header has
`wnid` and perhaps `index` and `name`. The tree above them comes with the package.
"""

from __future__ import annotations

import re
from pathlib import Path

from labeltree.errors import TaxonomyError
from labeltree.taxonomy.imagenet import synsets, wordnet_paths
from labeltree.taxonomy.names import SEPARATOR
from labeltree.taxonomy.readers.text import read_header, read_table, read_text
from labeltree.taxonomy.relations import Relations

SUFFIXES = (".csv", ".tsv", ".txt")
WNID = re.compile(r"n\d{8}(\s|$)")
BETWEEN = re.compile(r"[\s,;|]")


def recognises(path: Path) -> bool:
    """Text whose first line begins with an id, or whose header knows of nothing but classes."""
    if path.suffix.lower() not in SUFFIXES:
        return False
    header = read_header(path)
    return bool(header) and (_is_id(header[0]) or _is_header(header))


def read(path: Path) -> Relations:
    """Relations of the pruned tree, each class at its line."""
    relations = Relations(str(path), repeats="repeated row")
    lines: dict[str, str] = {}
    for line, wnid in _ids(path):
        place = f"{path}:{line}"
        if wnid in lines:
            relations.problem("repeated row", f"{wnid} stands at {lines[wnid]} already", place)
        elif wnid in synsets():
            lines[wnid] = place
        else:
            message = (
                f"{wnid!r} is none of the WordNet ids of ImageNet's 1,000 classes and the nodes "
                "above them; correct it or take it out"
            )
            relations.problem("bad row", message, place)
    try:
        paths = wordnet_paths(lines)
    except TaxonomyError as error:
        raise TaxonomyError(f"{path}: {error}") from None
    for wnid, label in paths.items():
        node = 0
        for name in label.split(SEPARATOR):
            node = relations.child(node, name, lines[wnid])
    return relations


def _is_id(cell: str) -> bool:
    return WNID.match(cell) is not None


def _is_header(columns: tuple[str, ...]) -> bool:
    return "wnid" in columns and {"wnid", "index", "name"}.issuperset(columns)


def _ids(path: Path) -> list[tuple[int, str]]:
    header = read_header(path)
    if _is_header(header):
        column = header.index("wnid")
        rows = read_table(path).rows
        return [(line, cells[column] if column < len(cells) else "") for line, cells in rows]
    return [
        (number, BETWEEN.split(line.strip(), maxsplit=1)[0])
        for number, line in enumerate(read_text(path).splitlines(), 1)
        if line.strip()
    ]
