"""Images and labels as a table that every command reads.

So a training from Python is the one that `labeltree train` does, with all that belongs to it: its
run folder can be resumed, evaluated and audited as any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labeltree.classifier.pictures import Pictures, as_cells
from labeltree.data.images import FileImages
from labeltree.taxonomy import Taxonomy, save_taxonomy
from labeltree.writing import whole_file

TRAIN, VALIDATION = "train", "validation"


@dataclass(frozen=True)
class Part:
    """Images for one purpose.

    Attributes:
        split: `TRAIN` or `VALIDATION`.
        pictures: `n` images.
        labels: their paths.
    """

    split: str
    pictures: Pictures
    labels: Sequence[str]


def write_table(
    parts: Sequence[Part], taxonomy: Taxonomy | None, run: Path
) -> tuple[str, dict[str, Any]]:
    """Write a table beside a run folder, and the tree if there is one of its own.

    Args:
        parts: the images; all are files, or none.
        taxonomy: the tree that labels are looked up in; None is the labels' own.
        run: the run folder, which need not exist.

    Returns:
        `data` and `data_options` of a recipe.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    run = run.absolute()
    run.parent.mkdir(parents=True, exist_ok=True)
    files = isinstance(parts[0].pictures, FileImages)
    columns = {
        "image": pa.array(
            [cell for part in parts for cell in as_cells(part.pictures)],
            pa.string() if files else pa.large_binary(),
        ),
        "label": pa.array([label for part in parts for label in part.labels]),
    }
    options: dict[str, Any] = {"image": "image", "label": "label"}
    if parts[1:]:
        columns["split"] = pa.array([part.split for part in parts for _ in part.labels])
        options["split"] = "split"
    path = run.with_name(f"{run.name}.images.parquet")
    with whole_file(path) as unfinished:
        pq.write_table(pa.table(columns), unfinished)
    if taxonomy is not None:
        tree = run.with_name(f"{run.name}.taxonomy.json")
        save_taxonomy(taxonomy, tree)
        options["taxonomy"] = str(tree)
    return str(path), options
