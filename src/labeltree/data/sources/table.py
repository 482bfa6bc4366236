"""Images named or held by a table: CSV, JSON lines or parquet, with a label path or ranks.

```
image,label           image,family,species,split      {"image": "1.jpg", "label": "cat"}
1.jpg,cat             1.jpg,cat,,train                {"image": "2.jpg", "label": ["dog", "pug"]}
2.jpg,dog/pug         2.jpg,dog,pug,test

image,labels,unknown                                  {"image": "3.jpg", "labels": ["cat", "dog"]}
3.jpg,dog/beagle;dog/pug,cat
```
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from labeltree.data.collection import Collection, Source
from labeltree.data.images import FileImages, Images
from labeltree.data.sources.columns import Columns, Table, choose_columns
from labeltree.data.sources.combined import combine
from labeltree.data.sources.folder import SPLIT_NAMES
from labeltree.data.sources.parquet import ParquetTable
from labeltree.data.sources.row_labels import RowLabels, label_array, labelled, read_labels
from labeltree.data.sources.text_table import TextTable
from labeltree.errors import DataError
from labeltree.taxonomy.tree import SEPARATOR, Taxonomy

TEXT_SUFFIXES = (".csv", ".tsv", ".txt", ".jsonl", ".ndjson")
PARQUET_SUFFIX = ".parquet"


def open_table(
    path: Path,
    data_root: Path | None = None,
    *,
    image: str | None = None,
    label: str | None = None,
    labels: str | None = None,
    ranks: str | Sequence[str] = (),
    split: str | None = None,
    separator: str = SEPARATOR,
    combined: Path | None = None,
) -> Source:
    """Images named or held by a table, or by a folder of parquet files named after their parts.

    Args:
        path: CSV, JSON lines or parquet; or a folder with `train-*.parquet`, `test-*.parquet`.
        data_root: where image paths are looked up that are not found beside the table.
        image: column with the image's path or bytes; found by itself if None.
        label: column with the label's path (`dog/pug`).
        labels: column with several: `dog/beagle;dog/pug`, or a list of paths or of their steps;
            a path that holds `;` in text stands in quotes.
            A column named `unknown` may stand beside it, in the same form: labels that nobody
            looked for in this image, with all that lies below them.
        ranks: columns from coarse to fine (also as `"family,species"`); the last ones may be
            empty: then the image is known only that deep. See `choose_columns` for the defaults.
        split: column that says train, validation or test.
        separator: what stands between the parts of a label path.
        combined: a table of what some of the labels are made of; see `open_folder`.

    Raises:
        DataError: a column or an image file that is not there, an empty label, an unknown split,
            labels that contradict each other; with the line where it stands.
    """
    if isinstance(ranks, str):
        ranks = [name.strip() for name in ranks.split(",") if name.strip()]
    tables = _tables(path)
    columns = choose_columns(next(iter(tables.values())), image, label, ranks, split, labels)
    rows = {part: read_labels(table, columns, separator) for part, table in tables.items()}
    everywhere = [row for part in rows.values() for row in part]
    taxonomy = _taxonomy(tables, columns, everywhere)
    nodes = label_array(taxonomy, everywhere, partial(_where, tables))
    whole: dict[str, Collection] = {}
    for part, table in tables.items():
        here, nodes = nodes[: len(table)], nodes[len(table) :]
        whole[part] = labelled(taxonomy, _images(table, columns.image, data_root), here)
    if columns.split and len(tables) == 1:
        table, everything = next(iter(tables.values())), whole["train"]
        whole = {
            part: everything.subset(rows) for part, rows in _parts(table, columns.split).items()
        }
    if not len(whole.get("train", ())):
        raise DataError(f"{path}: no row is for training")
    notes = (str(columns),) if not columns.told else ()
    source = Source(
        path.stem, whole["train"], whole.get("validation"), whole.get("test"), notes=notes
    )
    return source if combined is None else combine(source, combined)


def parquet_parts(folder: Path) -> dict[str, list[Path]]:
    """Parquet files in a folder (or its `data/`), by the part that their names begin with."""
    parts: dict[str, list[Path]] = {}
    for file in sorted([*folder.glob("*.parquet"), *folder.glob("data/*.parquet")]):
        part = SPLIT_NAMES.get(file.name.split("-")[0].split(".")[0].lower())
        if part:
            parts.setdefault(part, []).append(file)
    return parts


def _tables(path: Path) -> dict[str, Table]:
    if path.is_dir():
        return {part: ParquetTable(files) for part, files in parquet_parts(path).items()}
    if not path.is_file():
        raise DataError(f"{path}: no such table")
    table: Table = (
        ParquetTable([path]) if path.suffix.lower() == PARQUET_SUFFIX else TextTable(path)
    )
    if len(table) == 0:
        raise DataError(f"{path}: no rows; expected one per image")
    return {"train": table}


def _where(tables: dict[str, Table], row: int) -> str:
    """How to call a row, counted through all tables, in an error."""
    for table in tables.values():
        if row < len(table):
            return table.where(row)
        row -= len(table)
    raise IndexError(row)


def _taxonomy(tables: dict[str, Table], columns: Columns, rows: Sequence[RowLabels]) -> Taxonomy:
    """The tree of all labels, sorted; a list of classes in the file keeps its order and gaps."""
    found = sorted({label for row in rows for labels in row for label in labels})
    listed = next(iter(tables.values())).class_names(columns.labels[0])
    if listed and len(columns.labels) == 1:
        found = [tuple(name.split(SEPARATOR)) for name in listed if name.strip(SEPARATOR)] + found
    depth = max(map(len, found), default=0)
    return Taxonomy.from_paths(found, columns.labels if len(columns.labels) == depth > 1 else None)


def _images(table: Table, column: str, data_root: Path | None) -> Images:
    if table.holds_images(column):
        return table.images(column)
    bases = [table.path.parent, *([Path(data_root)] if data_root else [])]
    paths, missing = [], []
    for row, cell in enumerate(table.texts(column)):
        found = next((path for base in bases if _is_file(path := base / cell.strip())), None)
        if found is None:
            missing.append((row, cell))
        else:
            paths.append(str(found))
    if missing:
        row, cell = missing[0]
        more = f" ({len(missing)} rows in all)" if len(missing) > 1 else ""
        places = " or ".join(str(base) for base in bases)
        raise DataError(
            f"{table.where(row)}: image {cell!r} is not a file under {places}{more}; "
            "mend the path or remove the row"
        )
    return FileImages(paths)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a cell that could never be a file name
        return False


def _parts(table: Table, column: str) -> dict[str, list[int]]:
    rows: dict[str, list[int]] = {}
    for row, cell in enumerate(table.texts(column)):
        part = SPLIT_NAMES.get(cell.strip().lower())
        if part is None:
            raise DataError(
                f"{table.where(row)}: {column} is {cell!r}; expected train, validation or test"
            )
        rows.setdefault(part, []).append(row)
    return rows
