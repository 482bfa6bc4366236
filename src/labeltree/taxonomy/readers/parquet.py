"""Hugging Face parquet files: columns of class numbers, their names in the schema's metadata.

Which class lies below which is found in the rows, so that CIFAR-100 with its `coarse_label` and
`fine_label` reads as a tree of two levels. The column with fewer classes is the broader one.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from labeltree.errors import TaxonomyError
from labeltree.taxonomy.names import clean
from labeltree.taxonomy.relations import Relations

SUFFIX = ".parquet"
METADATA = b"huggingface"


def recognises(path: Path) -> bool:
    """A parquet file, or a folder of nothing but the parts of one and, perhaps, hidden files."""
    return path.suffix.lower() == SUFFIX or bool(_parts(path))


def read(path: Path) -> Relations:
    """Classes by number; a class that rows put below two others is left to the linter."""
    parts = _parts(path) or [path]
    columns = _class_columns(parts[0])
    relations = Relations(str(path))
    relations.level_names = [column.removesuffix("_label") for column in columns]
    above: list[int] = []
    broader = ""
    for column, names in columns.items():
        place = f"{path}: column {column}"
        nodes = [
            relations.node((column, number), clean(name), place)
            for number, name in enumerate(names)
        ]
        if not broader:
            for node in nodes:
                relations.relate(0, node, place)
        else:
            _place_classes(relations, above, nodes, _pairs(parts, broader, column))
        above, broader = nodes, column
    return relations


def _place_classes(
    relations: Relations, above: list[int], nodes: list[int], pairs: dict[tuple[int, int], str]
) -> None:
    """Relate the classes of one column to those of the broader one, in order of number."""
    for (child, parent), place in sorted(pairs.items()):
        if parent < len(above) and child < len(nodes):
            relations.relate(above[parent], nodes[child], place)
        else:
            message = f"class number {max(child, parent)} has no name in the schema's metadata"
            relations.problem("bad row", message, place)
    placed = {child for child, _ in pairs}
    for number, node in enumerate(nodes):
        if number not in placed:
            message = f"no row tells the parent of class {relations.names[node]!r}; it is left out"
            relations.problem("unplaced class", message, relations.places[node])


def _pairs(parts: list[Path], broader: str, column: str) -> dict[tuple[int, int], str]:
    """Every (class, class of the broader column) that stands in the rows, and the first such row.

    Missing classes, null or -1, tell nothing.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    pairs: dict[tuple[int, int], str] = {}
    for part in parts:
        try:
            table = pq.read_table(part, columns=[column, broader], partitioning=None)
            rows = [table[name].cast(pa.int64()).fill_null(-1) for name in (column, broader)]
        except (OSError, ValueError, KeyError) as error:
            message = " ".join(str(error).split())
            raise TaxonomyError(f"{part}: class columns cannot be read ({message})") from None
        told, first = np.unique(
            np.stack([r.to_numpy() for r in rows], 1), axis=0, return_index=True
        )
        for (child, parent), row in zip(told.tolist(), first.tolist(), strict=True):
            if min(child, parent) >= 0:
                pairs.setdefault((child, parent), f"{part} row {row}")
    return pairs


def _parts(path: Path) -> list[Path]:
    if not path.is_dir():
        return []
    files = sorted(entry for entry in path.iterdir() if not entry.name.startswith("."))
    return files if all(entry.suffix.lower() == SUFFIX for entry in files) else []


def _class_columns(path: Path) -> dict[str, list[str]]:
    """Names of the classes of each class column, the broadest column first."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        metadata = pq.read_schema(path).metadata or {}
    except (OSError, pa.ArrowInvalid) as error:
        raise TaxonomyError(f"{path}: cannot be read as parquet ({error})") from None
    try:
        features: dict[str, Any] = json.loads(metadata[METADATA])["info"]["features"]
        columns = {
            column: [str(name) for name in feature["names"]]
            for column, feature in features.items()
            if isinstance(feature, dict) and feature.get("_type") == "ClassLabel"
        }
    except (KeyError, ValueError, TypeError, AttributeError):
        columns = {}
    if not columns:
        raise TaxonomyError(
            f"{path}: no class columns in the schema's metadata (as Hugging Face datasets write "
            "them); give the taxonomy as a CSV, JSON or YAML file"
        )
    return dict(sorted(columns.items(), key=lambda column: len(column[1])))
