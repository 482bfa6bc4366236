"""`labeltree taxonomy check`: what is wrong with a taxonomy, and where."""

from __future__ import annotations

from pathlib import Path

from labeltree.taxonomy.findings import Finding
from labeltree.taxonomy.readers import KNOWN, read_relations
from labeltree.taxonomy.relations import Relations
from labeltree.taxonomy.similar import check_names
from labeltree.taxonomy.structure import check_structure
from labeltree.taxonomy.tree import Taxonomy


def check(source: Path | str | Relations | Taxonomy) -> list[Finding]:
    """Find everything that is wrong, or looks wrong, errors first; nothing if all is well.

    Args:
        source: a file, a folder, a known name (`imagenet`), or what was read already.

    Raises:
        TaxonomyError: no such path, or a file that cannot be read at all (broken JSON, say).

    >>> check(Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"]))
    []
    >>> print(*check(Taxonomy.from_paths(["cat", "dog/pug"])))
    tree: dog: warning: 'dog' has a single child, 'pug', so that there is nothing to choose
    """
    relations = _relations(source)
    return [*check_structure(relations), *check_names(relations)]


def _relations(source: Path | str | Relations | Taxonomy) -> Relations:
    if isinstance(source, Relations):
        return source
    if isinstance(source, Taxonomy):
        return Relations.of_tree(source)
    if str(source) in KNOWN and not Path(source).exists():
        return Relations.of_tree(KNOWN[str(source)](), str(source))
    return read_relations(source)
