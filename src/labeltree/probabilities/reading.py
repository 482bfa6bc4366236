"""Read node probabilities from a file, whoever wrote it."""

from __future__ import annotations

from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from labeltree.errors import DataError
from labeltree.probabilities import own
from labeltree.probabilities.node_probabilities import NodeProbabilities
from labeltree.taxonomy import Taxonomy


def load_probabilities(path: Path | str, taxonomy: Taxonomy | None = None) -> NodeProbabilities:
    """Node probabilities of a file.

    Args:
        path: an npz file.
        taxonomy: the tree that they must belong to; None takes the file's own.

    Raises:
        DataError: not there, damaged, or not probabilities of that tree.
    """
    path = Path(path)
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from None
    except (BadZipFile, EOFError, ValueError, TypeError, AttributeError) as error:
        raise DataError(f"{path}: no readable npz file ({error})") from None
    if own.VERSION_KEY not in arrays:
        raise DataError(f"{path}: holds no array {own.VERSION_KEY!r}; it is not one of ours")
    found = own.from_arrays(path, arrays)
    if taxonomy is not None and taxonomy.paths != found.taxonomy.paths:
        raise DataError(f"{path}: made with another taxonomy than the one given")
    return found
