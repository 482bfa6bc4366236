"""`taxonomy.json`: names and parents in breadth-first order, as model and run folders hold them."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from labeltree.errors import TaxonomyError
from labeltree.taxonomy.relations import Relations
from labeltree.taxonomy.tree import Taxonomy
from labeltree.writing import write_text

VERSION_KEY = "labeltree_taxonomy"
VERSION = 1

MOST_CHARACTERS = 2**26
"""Of all paths together: 100,000 labels with long paths take a quarter of it, but the paths of a
chain of nodes are as long as the square of its file."""


def save_taxonomy(tree: Taxonomy, path: Path | str) -> None:
    """Write the tree so that `load_taxonomy` gives an equal one; replaces what was there.

    The file comes whole or not at all, whenever the program is killed.
    """
    text = json.dumps(
        {
            VERSION_KEY: VERSION,
            "level_names": tree.level_names,
            "names": tree.names[1:],
            "parents": tree.parents[1:].tolist(),
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )
    write_text(Path(path), text + "\n")


def load_taxonomy(path: Path | str) -> Taxonomy:
    """Read what `save_taxonomy` wrote.

    Raises:
        TaxonomyError: not there, damaged, or no tree.
    """
    data = _parse(Path(path))
    try:
        return stored_tree(data["names"], data["parents"], data["level_names"])
    except TaxonomyError as error:
        raise TaxonomyError(f"{path}: {error}") from None


def stored_tree(
    names: Sequence[str], parents: Sequence[int], level_names: Sequence[str] | None
) -> Taxonomy:
    """The tree of what is stored, which may come from a stranger.

    Args:
        names: of all nodes but the root, breadth-first.
        parents: node number of the parent of each.
        level_names: see `Taxonomy`.

    Raises:
        TaxonomyError: no tree, or one whose paths would fill the memory.

    >>> stored_tree(["cat", "dog", "pug"], [0, 0, 2], None).paths
    ('', 'cat', 'dog', 'dog/pug')
    """
    lengths = [0]
    for name, parent in zip(names, parents, strict=True):
        if not 0 <= parent < len(lengths):
            break  # no tree: told below
        lengths.append(lengths[parent] + 1 + len(name))
    if sum(lengths) > MOST_CHARACTERS:
        raise TaxonomyError(
            f"its paths take {sum(lengths):,} characters, more than the {MOST_CHARACTERS:,} that "
            "are read; make the tree less deep"
        )
    return Taxonomy(["", *names], [-1, *parents], level_names)


def recognises(path: Path) -> bool:
    """A JSON file that begins as `save_taxonomy` begins it, or a folder that holds one."""
    if path.is_dir():
        path = path / "taxonomy.json"
    if path.suffix.lower() != ".json" or not path.is_file():
        return False
    with path.open("rb") as file:
        return re.match(rb'\s*\{\s*"' + VERSION_KEY.encode(), file.read(200)) is not None


def read(path: Path) -> Relations:
    """Relations as they stand in the file."""
    if path.is_dir():
        path = path / "taxonomy.json"
    data = _parse(path)
    relations = Relations(str(path))
    relations.level_names = data["level_names"]
    for number, name in enumerate(data["names"], 1):
        relations.node(number, name, f"{path}: node {number}")
    for number, parent in enumerate(data["parents"], 1):
        relations.relate(parent, number, f"{path}: node {number}")
    return relations


def _parse(path: Path) -> dict[str, Any]:
    remedy = "take it from a backup or write it again with save_taxonomy"
    try:
        data = json.loads(path.read_bytes())
    except OSError as error:
        raise TaxonomyError(f"{path}: cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError) as error:
        raise TaxonomyError(f"{path}: damaged, not JSON ({error}); {remedy}") from None
    if not isinstance(data, dict) or data.get(VERSION_KEY) != VERSION:
        raise TaxonomyError(
            f"{path}: no taxonomy of version {VERSION}; {remedy}, or read another kind of file "
            "with read_taxonomy"
        )
    names, parents = _list_of(str, data.get("names")), _list_of(int, data.get("parents"))
    levels = data.get("level_names")
    if (
        names is None
        or parents is None
        or len(names) != len(parents)
        or any(not 0 <= parent <= len(names) for parent in parents)
        or (levels is not None and _list_of(str, levels) is None)
    ):
        raise TaxonomyError(
            f"{path}: damaged; expected as many names (text) as parents (node numbers); {remedy}"
        )
    return {"names": names, "parents": parents, "level_names": levels}


def _list_of(kind: type, value: Any) -> list[Any] | None:
    fits = isinstance(value, list) and all(type(entry) is kind for entry in value)
    return value if fits else None
