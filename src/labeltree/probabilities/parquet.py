"""parquet files: one column of floating point per label, named by its path.

Also text columns: `target` (a label), `name` or `path` (of the image). Ours say in the schema's
metadata which columns are nodes, and add `answer <level>` per level.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from labeltree.errors import DataError, TaxonomyError
from labeltree.probabilities.node_probabilities import NodeProbabilities
from labeltree.probabilities.npz import NAMES, TARGET
from labeltree.probabilities.table import Table, as_float32
from labeltree.taxonomy import Nodes, Taxonomy

if TYPE_CHECKING:
    import pyarrow as pa

METADATA = b"labeltree_probabilities"
_INDEX = re.compile(r"__index_level_\d+__")  # pandas keeps a table's index in such columns


def read(path: Path) -> Table:
    """The table in a parquet file.

    Raises:
        DataError: damaged, or columns that are neither probabilities nor known.
    """
    import pyarrow.parquet as pq

    try:
        with path.open("rb") as file, pq.ParquetFile(file) as stored:
            table = stored.read()
    except MemoryError:
        raise DataError(f"{path}: does not fit in memory; write fewer rows per file") from None
    except (OSError, ValueError, NotImplementedError) as error:  # ArrowInvalid is a ValueError
        reason = " ".join(str(error).split())
        raise DataError(f"{path}: no readable parquet file ({reason[:200]})") from None
    twice = [name for name, times in Counter(table.column_names).items() if times > 1]
    if twice:
        raise DataError(f"{path}: two columns are called {twice[0]!r}; keep one")
    tree = _own_tree(path, table.schema.metadata or {})
    texts = {name for name in table.column_names if _is_text(name, table.schema.field(name).type)}
    if tree is None:
        columns = _label_columns(path, table, texts)
    else:
        columns = list(tree.paths[1:])
        if missing := set(columns).difference(table.column_names):
            raise DataError(f"{path}: damaged, it lacks column {min(missing)!r}; write it again")
    values = np.empty((table.num_rows, len(columns)), dtype=np.float32)
    for place, column in enumerate(columns):
        values[:, place] = as_float32(path, f"column {column!r}", _numbers(table[column]))
    told = [_texts(table[name]) for name in NAMES if name in texts and name not in columns]
    targets = _texts(table[TARGET]) if TARGET in texts and TARGET not in columns else None
    return Table(path, tuple(columns), values, targets, told[0] if told else None, tree)


def save_parquet(file: IO[bytes], found: NodeProbabilities, answers: Nodes | None) -> None:
    """Write a column per node, and text columns for what else is known.

    Raises:
        DataError: a label has the name of one of the other columns.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    tree = found.taxonomy
    others: dict[str, list[str]] = {}
    if found.names is not None:
        others[NAMES[0]] = list(found.names)
    if found.targets is not None:
        others[TARGET] = [tree.paths[node] for node in found.targets.tolist()]
    if answers is not None:
        for name, nodes in zip(tree.level_names, answers.T.tolist(), strict=True):
            others[f"answer {name}"] = [tree.paths[node] for node in nodes]
    if clash := others.keys() & set(tree.paths):
        raise DataError(f"label {min(clash)!r} has the name of another column; write npz instead")
    labels = {
        path: np.ascontiguousarray(found.probabilities[:, node])
        for node, path in enumerate(tree.paths)
        if node
    }
    about = {"version": 1, "paths": tree.paths[1:], "level_names": tree.level_names}
    table = pa.table({**others, **labels})
    table = table.replace_schema_metadata({METADATA: json.dumps(about)})
    pq.write_table(table, file, compression="zstd")


def _own_tree(path: Path, metadata: dict[bytes, bytes]) -> Taxonomy | None:
    """The tree that `save_parquet` left in the schema's metadata."""
    if METADATA not in metadata:
        return None
    try:
        about = json.loads(metadata[METADATA])
        if about["version"] != 1:
            raise DataError(
                f"{path}: layout {about['version']!r} of node probabilities; this version of "
                "labeltree reads 1: update it"
            )
        return Taxonomy.from_paths(about["paths"], about["level_names"])
    except (KeyError, TypeError, AttributeError, TaxonomyError, json.JSONDecodeError) as error:
        raise DataError(f"{path}: damaged metadata ({error}); write it again") from None


def _label_columns(path: Path, table: pa.Table, texts: set[str]) -> list[str]:
    known = {TARGET, *NAMES}
    columns = [
        name
        for name in table.column_names
        if not (name in texts and name in known) and not _INDEX.fullmatch(name)
    ]
    for column in columns:
        kind = table.schema.field(column).type
        if str(kind) not in ("halffloat", "float", "double"):
            hint = (
                "text, such as names[target]" if column in known else "floating point, or drop it"
            )
            raise DataError(f"{path}: column {column!r} has type {kind}; expected {hint}")
    return columns


def _is_text(name: str, kind: pa.DataType) -> bool:
    import pyarrow.types as types

    if types.is_null(kind):  # nothing but nulls: where no label is known
        return name in (TARGET, *NAMES)
    if types.is_dictionary(kind):  # pandas' categories
        kind = kind.value_type
    checks = (types.is_string, types.is_large_string, types.is_string_view)
    return any(check(kind) for check in checks)


def _texts(column: pa.ChunkedArray) -> tuple[str, ...]:
    return tuple(text or "" for text in column.to_pylist())


def _numbers(column: pa.ChunkedArray) -> NDArray:
    """As numpy; what is missing becomes NaN."""
    return np.asarray(column.to_numpy(zero_copy_only=False))
