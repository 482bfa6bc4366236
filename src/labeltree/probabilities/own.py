"""Our own npz: plain arrays that need no other file to be understood.

| array | what |
|---|---|
| `labeltree_probabilities` | the version of this layout, 1 |
| `paths` | text `(num_nodes − 1,)`: all nodes but the root, breadth-first |
| `level_names` | text `(depth,)` |
| `probabilities` | float32 `(n, num_nodes − 1)`; the root's, always 1, are not kept |
| `targets` | optional, int64 `(n,)`: node numbers, 0 being the root, so that 1 is `paths[0]` |
| `names` | optional, text `(n,)`: what each image is called |
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labeltree.errors import DataError, TaxonomyError
from labeltree.probabilities.node_probabilities import NodeProbabilities
from labeltree.taxonomy import Nodes, Probabilities, Taxonomy
from labeltree.writing import whole_file

VERSION_KEY = "labeltree_probabilities"
VERSION = 1


def save_probabilities(
    path: Path | str,
    taxonomy: Taxonomy,
    probabilities: Probabilities,
    targets: Nodes | None = None,
    names: Sequence[str] | None = None,
) -> None:
    """Write node probabilities so that `load_probabilities` gives them back.

    The file comes whole or not at all; what was there is replaced.

    Args:
        path: an npz file, in a folder that exists.
        taxonomy: the tree.
        probabilities: shape `(n, num_nodes)`; kept as float32.
        targets: node numbers, shape `(n,)`.
        names: what each image is called, n of them.

    Raises:
        ValueError: the shapes do not fit each other.
    """
    values = np.asarray(probabilities)
    if values.ndim != 2 or values.shape[1] != taxonomy.num_nodes:
        raise ValueError(
            f"probabilities have shape {values.shape}; expected (n, {taxonomy.num_nodes}), "
            "one column per node of the taxonomy"
        )
    arrays: dict[str, Any] = {
        VERSION_KEY: np.array(VERSION),
        "paths": np.array(taxonomy.paths[1:], dtype=np.str_),
        "level_names": np.array(taxonomy.level_names, dtype=np.str_),
        "probabilities": values[:, 1:].astype(np.float32),
    }
    if targets is not None:
        arrays["targets"] = np.asarray(targets, dtype=np.int64)
    if names is not None:
        arrays["names"] = np.array(names, dtype=np.str_)
    for key in ("targets", "names"):
        if key in arrays and arrays[key].shape != (len(values),):
            raise ValueError(f"{key} have shape {arrays[key].shape}; expected ({len(values)},)")
    with whole_file(Path(path)) as unfinished, unfinished.open("wb") as file:
        np.savez_compressed(file, **arrays)


def from_arrays(path: Path, arrays: Mapping[str, NDArray]) -> NodeProbabilities:
    """Back from what `save_probabilities` wrote; values are not checked here.

    Raises:
        DataError: another version, or arrays that do not fit each other.
    """
    if arrays[VERSION_KEY].tolist() != VERSION:
        raise DataError(
            f"{path}: layout {arrays[VERSION_KEY].tolist()!r} of node probabilities; this version "
            f"of labeltree reads {VERSION}: update it"
        )
    try:
        levels = arrays["level_names"].tolist()
        taxonomy = Taxonomy.from_paths(arrays["paths"].tolist(), levels)
        values = arrays["probabilities"]
    except (KeyError, TaxonomyError, AttributeError) as error:
        raise _damaged(path, str(error)) from None
    if list(taxonomy.paths[1:]) != arrays["paths"].tolist():
        raise _damaged(path, "paths are not in breadth-first order")
    if values.ndim != 2 or values.shape[1] != taxonomy.num_nodes - 1 or values.dtype.kind != "f":
        raise _damaged(path, f"probabilities have shape {values.shape} and type {values.dtype}")
    whole = np.ones((len(values), taxonomy.num_nodes), dtype=np.float32)
    whole[:, 1:] = values
    targets, names = arrays.get("targets"), arrays.get("names")
    for key, kind, array in (("targets", "i", targets), ("names", "U", names)):
        if array is not None and (array.shape != (len(values),) or array.dtype.kind != kind):
            raise _damaged(path, f"{key} have shape {array.shape} and type {array.dtype}")
    if targets is not None and ((targets < 0) | (targets >= taxonomy.num_nodes)).any():
        raise _damaged(path, f"targets outside 0 … {taxonomy.num_nodes - 1}")
    return NodeProbabilities(
        taxonomy,
        whole,
        None if targets is None else targets.astype(np.int64),
        None if names is None else tuple(names.tolist()),
    )


def _damaged(path: Path, reason: str) -> DataError:
    return DataError(f"{path}: damaged ({reason}); write it again with save_probabilities")
