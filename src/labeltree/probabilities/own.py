"""Our own npz: plain arrays that need no other file to be understood.

| array | what |
|---|---|
| `labeltree_probabilities` | the version of this layout, 1 |
| `paths` | text `(num_nodes − 1,)`: all nodes but the root, breadth-first |
| `level_names` | text `(depth,)` |
| `probabilities` | float32 `(n, num_nodes − 1)`; the root's, always 1, are not kept |
| `targets` | optional, int64 `(n,)`: node numbers, 0 being the root, so that 1 is `paths[0]` |
| `name` | optional, text `(n,)`: what each image is called |
| `answers` | optional, int64 `(n, depth)`: the node that each level answers with |
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from labeltree.errors import DataError, TaxonomyError
from labeltree.probabilities.node_probabilities import NodeProbabilities
from labeltree.probabilities.table import Table, as_float32
from labeltree.taxonomy import Nodes, Taxonomy

VERSION_KEY = "labeltree_probabilities"
VERSION = 1


def save_npz(file: IO[bytes], found: NodeProbabilities, answers: Nodes | None) -> None:
    """Write our layout.

    Args:
        file: open for writing.
        found: what to write.
        answers: node numbers, shape `(n, depth)`; None leaves them out.
    """
    tree = found.taxonomy
    arrays: dict[str, Any] = {
        VERSION_KEY: np.array(VERSION),
        "paths": np.array(tree.paths[1:], dtype=np.str_),
        "level_names": np.array(tree.level_names, dtype=np.str_),
        "probabilities": found.probabilities[:, 1:],
    }
    if found.targets is not None:
        arrays["targets"] = found.targets
    if found.names is not None:
        arrays["name"] = np.array(found.names, dtype=np.str_)
    if answers is not None:
        arrays["answers"] = answers
    np.savez_compressed(file, **arrays)


def from_arrays(path: Path, arrays: Mapping[str, NDArray]) -> Table:
    """Back from what `save_npz` wrote.

    Raises:
        DataError: another version, or arrays that do not fit each other.
    """
    if arrays[VERSION_KEY].tolist() != VERSION:
        raise DataError(
            f"{path}: layout {arrays[VERSION_KEY].tolist()!r} of node probabilities; this version "
            f"of labeltree reads {VERSION}: update it"
        )
    for key, kind, dimensions in _LAYOUT:
        array = arrays.get(key)
        if array is None and key not in _OPTIONAL:
            raise _damaged(path, f"it lacks {key!r}")
        if array is not None and (array.dtype.kind != kind or array.ndim != dimensions):
            raise _damaged(path, f"{key} have type {array.dtype} and shape {array.shape}")
    try:
        tree = Taxonomy.from_paths(arrays["paths"].tolist(), arrays["level_names"].tolist())
    except TaxonomyError as error:
        raise _damaged(path, str(error)) from None
    if tree.paths[1:] != tuple(arrays["paths"].tolist()):
        raise _damaged(path, "paths are not in breadth-first order")
    targets, names = arrays.get("targets"), arrays.get("name")
    if targets is not None and ((targets < 0) | (targets >= tree.num_nodes)).any():
        raise _damaged(path, f"targets outside 0 … {tree.num_nodes - 1}")
    return Table(
        path,
        tree.paths[1:],
        as_float32(path, "array 'probabilities'", arrays["probabilities"]),
        None if targets is None else tuple(tree.paths[node] for node in targets.tolist()),
        None if names is None else tuple(names.tolist()),
        tree,
    )


_LAYOUT = (
    ("paths", "U", 1),
    ("level_names", "U", 1),
    ("probabilities", "f", 2),
    ("targets", "i", 1),
    ("name", "U", 1),
)
_OPTIONAL = {"targets", "name"}


def _damaged(path: Path, reason: str) -> DataError:
    return DataError(f"{path}: damaged ({reason}); write it again with save_probabilities")
