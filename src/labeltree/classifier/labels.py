"""Labels in all the forms that users of scikit-learn have them in."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labeltree.data.lookup import LabelIndex
from labeltree.data.sources.cells import as_label
from labeltree.errors import DataError, TaxonomyError
from labeltree.taxonomy import SEPARATOR, Taxonomy, read_taxonomy


def label_paths(labels: Any) -> list[str]:
    """The path of each label.

    Args:
        labels: `n` paths (`"animal/dog"`), `n` sequences of names from coarse to fine, or an array
            or data frame with a column for each rank; the last ranks may be empty (`""`, None,
            NaN): then the image is known only that deep.

    Raises:
        DataError: no list, or a label is missing or is no text; says which.

    >>> label_paths(["cat", "dog/pug"]) == label_paths([("cat", ""), ("dog", "pug")])
    True
    """
    if isinstance(labels, str | bytes):
        raise DataError(f"labels are one text, {labels!r}; expected one label for each image")
    try:
        rows = list(np.asarray(labels).tolist() if hasattr(labels, "__array__") else labels)
    except TypeError:
        raise DataError(
            f"labels are of type {type(labels).__name__}; expected a list with one label for each "
            "image"
        ) from None
    return [SEPARATOR.join(as_label(_steps(row, i), f"label {i}")) for i, row in enumerate(rows)]


def nodes_of(taxonomy: Taxonomy, labels: Any) -> NDArray[np.int64]:
    """The node that each label means, int64 `(n,)`; -1 where the tree has no such label.

    Args:
        taxonomy: the tree.
        labels: see `label_paths`; the last name is enough where no other node has it.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> nodes_of(tree, ["dog/pug", "pug", "dog", "wolf"]).tolist()
    [4, 4, 2, -1]
    """
    paths, index = label_paths(labels), LabelIndex(taxonomy)
    found = {path: index.matches(path) for path in set(paths)}
    nodes = [found[path][0] if len(found[path]) == 1 else -1 for path in paths]
    return np.array(nodes, dtype=np.int64)


def as_taxonomy(tree: Taxonomy | Mapping[str, Any] | str | Path) -> Taxonomy:
    """A label tree as it is, in a file, or as nested mappings that end in lists or None.

    Raises:
        TaxonomyError: it is none of these, or broken.

    >>> as_taxonomy({"cat": None, "dog": ["beagle", "pug"]}).paths
    ('', 'cat', 'dog', 'dog/beagle', 'dog/pug')
    """
    if isinstance(tree, Taxonomy):
        return tree
    if isinstance(tree, str | Path):
        return read_taxonomy(tree)
    return Taxonomy.from_paths(_paths(tree, ()))


def _steps(row: Any, i: int) -> tuple[str, ...]:
    """The names of a label from coarse to fine."""
    if isinstance(row, str):
        return tuple(row.split(SEPARATOR))
    if not isinstance(row, list | tuple):
        if _missing(row):
            raise DataError(f"label {i} is missing ({row}); leave that image out")
        raise DataError(
            f"label {i} is {row!r}; expected text such as 'animal/dog', or a tuple of names; "
            "an array of numbers becomes text with labels.astype(str)"
        )
    ranks = list(row)
    while ranks and (_missing(ranks[-1]) or ranks[-1] == ""):
        ranks.pop()
    for rank in ranks or [None]:
        if not isinstance(rank, str):
            raise DataError(
                f"label {i} is {tuple(row)!r}; expected names from coarse to fine, of which only "
                "the last may be missing"
            )
    return tuple(ranks)


def _missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _paths(tree: Any, above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    where = f"taxonomy, below {SEPARATOR.join(above)!r}" if above else "taxonomy"
    if isinstance(tree, Mapping):
        below = list(tree.items())
    elif isinstance(tree, list | tuple):
        below = [(name, None) for name in tree]
    else:
        raise TaxonomyError(
            f"{where}: {tree!r}; expected a mapping of names, a list of names, None, or the path "
            "of a file"
        )
    for name, under in below:
        if not isinstance(name, str):
            raise TaxonomyError(f"{where}: {name!r} is no name; expected text")
        path = (*above, *as_label([name], where))
        yield path
        if under is not None:
            yield from _paths(under, path)
