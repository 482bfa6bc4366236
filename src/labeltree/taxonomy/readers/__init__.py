"""Readers of taxonomies, one file per format; the table `READERS` is all that others know of them.

Every reader only tells what the file says (`Relations`); the linter looks at that, and what has no
error becomes a `Taxonomy`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from labeltree.errors import TaxonomyError
from labeltree.taxonomy.imagenet import imagenet_taxonomy
from labeltree.taxonomy.readers import (
    edges,
    folders,
    json_tree,
    own,
    parquet,
    ranks,
    wordnet,
    yaml_tree,
)
from labeltree.taxonomy.relations import Relations
from labeltree.taxonomy.structure import check_structure
from labeltree.taxonomy.tree import Taxonomy


class Reader(NamedTuple):
    """How to tell a format and how to read it."""

    recognises: Callable[[Path], bool]
    read: Callable[[Path], Relations]


READERS: dict[str, Reader] = {
    "taxonomy.json": Reader(own.recognises, own.read),
    "nested JSON": Reader(json_tree.recognises, json_tree.read),
    "nested YAML": Reader(yaml_tree.recognises, yaml_tree.read),
    "Hugging Face parquet": Reader(parquet.recognises, parquet.read),
    "nested folders": Reader(folders.recognises, folders.read),
    "WordNet ids": Reader(wordnet.recognises, wordnet.read),
    "table of edges": Reader(edges.recognises, edges.read),
    "table of ranks": Reader(ranks.recognises, ranks.read),
}
"""Every format; the first that recognises a path reads it."""

KNOWN: dict[str, Callable[[], Taxonomy]] = {"imagenet": imagenet_taxonomy}
"""Taxonomies that come with the package."""


def read_relations(path: Path | str) -> Relations:
    """What a file or folder says, right or wrong.

    Raises:
        TaxonomyError: no such path, no reader for it, or not even readable.
    """
    path = Path(path)
    try:
        if not path.exists():
            raise TaxonomyError(
                f"{path}: no such file or folder; give a folder, a CSV, JSON, YAML or parquet "
                f"file, or a known name ({', '.join(KNOWN)})"
            )
        for reader in READERS.values():
            if reader.recognises(path):
                return reader.read(path)
    except OSError as error:
        raise TaxonomyError(
            f"{error.filename or path}: cannot be read ({error.strerror}); check its permissions"
        ) from None
    raise TaxonomyError(
        f"{path}: no reader for this kind of file; expected .csv, .tsv, .txt, .json, .yaml, "
        ".parquet or a folder"
    )


def read_taxonomy(path: Path | str) -> Taxonomy:
    """The tree that a file or folder holds, or a known one by name (`imagenet`).

    Raises:
        TaxonomyError: it holds none; names the place of the first error.
    """
    if str(path) in KNOWN and not Path(path).exists():
        return KNOWN[str(path)]()
    relations = read_relations(path)
    errors = [finding for finding in check_structure(relations) if finding.severity == "error"]
    if errors:
        more = f" ({len(errors) - 1} more: labeltree taxonomy check {path})" if errors[1:] else ""
        raise TaxonomyError(f"{errors[0].place}: {errors[0].message}{more}")
    return relations.build()


__all__ = ["KNOWN", "READERS", "Reader", "read_relations", "read_taxonomy"]
