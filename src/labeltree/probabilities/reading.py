"""Read node probabilities from a file, whoever wrote it; the table `READERS` has every format."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from labeltree.errors import DataError
from labeltree.probabilities import npz, parquet
from labeltree.probabilities.assembling import assemble
from labeltree.probabilities.node_probabilities import NodeProbabilities
from labeltree.probabilities.table import Table
from labeltree.taxonomy import Taxonomy

READERS: dict[str, Callable[[Path], Table]] = {".npz": npz.read, ".parquet": parquet.read}
"""By the ending of a file's name."""


def load_probabilities(
    path: Path | str, taxonomy: Taxonomy | None = None, *, exclusive: bool = True
) -> NodeProbabilities:
    """Node probabilities from a file of ours or of a model made elsewhere.

    Files of both kinds are described in docs/formats.md; every value is checked.

    Args:
        path: an npz or parquet file.
        taxonomy: the tree; None takes the file's own or, if columns are named by whole paths, the
            one that these make up.
        exclusive: whether the labels of a level exclude each other, so that they must sum to 1.

    Raises:
        DataError: not there, damaged, or not probabilities of that tree; names row and column.
    """
    path = Path(path)
    if not path.is_file():
        raise DataError(f"{path}: no such file; give an npz or parquet file of probabilities")
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise DataError(f"{path}: no reader for this kind of file; expected {' or '.join(READERS)}")
    try:
        table = reader(path)
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or error})") from None
    except UnicodeDecodeError:
        raise DataError(f"{path}: damaged, its names are not UTF-8; write it again") from None
    return assemble(table, taxonomy, exclusive)
