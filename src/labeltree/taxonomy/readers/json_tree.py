"""Nested JSON: `{"cat": null, "dog": ["beagle", "pug"]}`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from labeltree.errors import TaxonomyError
from labeltree.taxonomy.readers.nested import Entry, walk
from labeltree.taxonomy.readers.text import read_text
from labeltree.taxonomy.relations import Relations


class Mapping(list[tuple[str, Any]]):
    """A JSON object with its pairs in order, also those with the same key."""


def recognises(path: Path) -> bool:
    """A file of JSON."""
    return path.suffix.lower() == ".json"


def read(path: Path) -> Relations:
    """Places are paths of nodes, since Python's parser tells no lines."""
    try:
        top = json.loads(read_text(path), object_pairs_hook=Mapping)
    except json.JSONDecodeError as error:
        raise TaxonomyError(f"{path}:{error.lineno}: not JSON ({error.msg})") from None
    except (RecursionError, ValueError) as error:
        raise TaxonomyError(f"{path}: cannot be read as JSON ({error})") from None
    relations = Relations(str(path))
    walk(relations, top, _entries)
    return relations


def _entries(value: Any) -> Iterable[Entry] | None:
    if isinstance(value, Mapping):
        return ((name, below, "") for name, below in value)
    if isinstance(value, list):
        return (entry for listed in value for entry in _listed(listed))
    return None


def _listed(value: Any) -> Iterator[Entry]:
    if isinstance(value, Mapping):
        yield from ((name, below, "") for name, below in value)
    else:
        yield str(value) if type(value) is int else value, None, ""
