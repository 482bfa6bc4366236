"""Write node probabilities, whole or not at all; the table `WRITERS` has every format."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

import numpy as np

from labeltree.errors import DataError
from labeltree.probabilities.node_probabilities import NodeProbabilities
from labeltree.probabilities.own import save_npz
from labeltree.probabilities.parquet import save_parquet
from labeltree.taxonomy import Nodes, Probabilities, Taxonomy
from labeltree.writing import whole_file

WRITERS: dict[str, Callable[[IO[bytes], NodeProbabilities, Nodes | None], None]] = {
    ".npz": save_npz,
    ".parquet": save_parquet,
}
"""By the ending of a file's name."""

NODE_PROBABILITIES = "node_probabilities"
"""Where a run keeps what its method said, before decoding: `validation.npz` and `test.npz`."""


def save_probabilities(
    path: Path | str,
    taxonomy: Taxonomy,
    probabilities: Probabilities,
    targets: Nodes | None = None,
    names: Sequence[str] | None = None,
    answers: Nodes | None = None,
) -> None:
    """Write node probabilities so that `load_probabilities` gives them back.

    The file comes whole or not at all; what was there is replaced.

    Args:
        path: an npz or parquet file, in a folder that exists.
        taxonomy: the tree.
        probabilities: shape `(n, num_nodes)`; kept as float32.
        targets: node numbers, shape `(n,)`.
        names: what each image is called, n of them.
        answers: the node that each level answers with, shape `(n, depth)`; for other programs,
            `load_probabilities` does not look at them.

    Raises:
        ValueError: the shapes do not fit each other.
        DataError: another ending than `.npz` or `.parquet`.
    """
    path, values = Path(path), np.asarray(probabilities)
    if path.suffix.lower() not in WRITERS:
        raise DataError(f"{path}: cannot write this kind of file; name it {' or '.join(WRITERS)}")
    if values.ndim != 2 or values.shape[1] != taxonomy.num_nodes:
        raise ValueError(
            f"probabilities have shape {values.shape}; expected (n, {taxonomy.num_nodes}), "
            "one column per node of the taxonomy"
        )
    rows = (len(values),)
    for what, given, shape in (
        ("targets", targets, rows),
        ("names", names, rows),
        ("answers", answers, (*rows, taxonomy.depth)),
    ):
        if given is not None and np.shape(given) != shape:
            raise ValueError(f"{what} have shape {np.shape(given)}; expected {shape}")
    found = NodeProbabilities(
        taxonomy,
        values.astype(np.float32, copy=False),
        None if targets is None else np.asarray(targets, dtype=np.int64),
        None if names is None else tuple(names),
    )
    with whole_file(path) as unfinished, unfinished.open("wb") as file:
        WRITERS[path.suffix.lower()](file, found, answers)
