"""Nested YAML: mappings and lists of labels; a key with nothing after it is a leaf."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from labeltree.errors import TaxonomyError
from labeltree.taxonomy.readers.nested import Entry, walk
from labeltree.taxonomy.readers.text import read_text
from labeltree.taxonomy.relations import Relations

SUFFIXES = (".yaml", ".yml")
NULL = "tag:yaml.org,2002:null"


def recognises(path: Path) -> bool:
    """A file of YAML."""
    return path.suffix.lower() in SUFFIXES


def read(path: Path) -> Relations:
    """Read nodes instead of values: they keep lines, repeated keys, and `no` as a word."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        top = yaml.compose(read_text(path), Loader=loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise TaxonomyError(f"{path}:{line}: not YAML ({error.problem})") from None
    except (RecursionError, yaml.YAMLError) as error:
        message = " ".join(str(error).split())
        raise TaxonomyError(f"{path}: cannot be read as YAML ({message})") from None
    relations = Relations(str(path))
    if top is not None:
        walk(relations, top, _entries_of(str(path)))
    return relations


def _entries_of(source: str) -> Callable[[Any], Iterable[Entry] | None]:
    """Entries of a node; each branch only once, since an alias could repeat it without end."""
    from yaml import MappingNode, ScalarNode, SequenceNode

    seen: set[int] = set()

    def once(node: Any) -> list[Any]:
        if id(node) in seen:
            raise TaxonomyError(
                f"{source}:{_line(node)}: an alias repeats this branch elsewhere; write it out"
            )
        seen.add(id(node))
        return list(node.value)

    def pairs(node: Any) -> Iterator[Entry]:
        for key, below in once(node):
            leaf = isinstance(below, ScalarNode) and below.tag == NULL
            name = key.value if isinstance(key, ScalarNode) else key
            yield name, None if leaf else below, _line(key)

    def listed(node: Any) -> Iterator[Entry]:
        for entry in once(node):
            if isinstance(entry, MappingNode):
                yield from pairs(entry)
            else:
                yield entry.value if isinstance(entry, ScalarNode) else entry, None, _line(entry)

    def entries(node: Any) -> Iterable[Entry] | None:
        if isinstance(node, MappingNode):
            return pairs(node)
        return listed(node) if isinstance(node, SequenceNode) else None

    return entries


def _line(node: Any) -> str:
    return str(node.start_mark.line + 1)
