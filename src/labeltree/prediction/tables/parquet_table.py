"""Predictions as parquet, for programs; pandas, polars, DuckDB and the like read it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from labeltree.errors import MissingExtraError, with_extra
from labeltree.prediction.answering import Rows
from labeltree.prediction.tables.layout import Layout


class ParquetTable:
    """See `Table`; the schema's metadata has `labeltree`: JSON with `model` and `nodes`."""

    def __init__(self, layout: Layout) -> None:
        import pyarrow as pa

        text, chance = pa.string(), pa.float32()
        kinds = {
            "probability": chance,
            "depth": pa.int32(),
            "nodes": pa.list_(chance, len(layout.nodes)),
            **dict.fromkeys(("steps", "top", "labels"), pa.list_(text)),
            **dict.fromkeys(("step_probabilities", "top_probabilities"), pa.list_(chance)),
            "presence": pa.list_(chance),
        }
        about = {"format": 1, "model": layout.model, "nodes": list(layout.nodes)}
        self.schema = pa.schema(
            [(name, kinds.get(name, text)) for name in layout.columns],
            {"labeltree": json.dumps(about)},
        )

    @staticmethod
    def check() -> None:
        """See `Table.check`."""
        try:
            import pyarrow.parquet  # noqa: F401
        except ModuleNotFoundError:
            raise MissingExtraError(
                f"--out in .parquet needs pyarrow: {with_extra('parquet')}, or give an --out in "
                ".csv or .jsonl"
            ) from None

    def write_part(self, path: Path, rows: Rows) -> None:
        """See `Table.write_part`."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        columns = [
            _fixed(rows[field.name], field.type)
            if field.name == "nodes"
            else pa.array(rows[field.name], field.type)
            for field in self.schema
        ]
        # A Python file: its errors say what the operating system said.
        with path.open("wb") as file:
            pq.write_table(pa.table(columns, schema=self.schema), file)

    def join(self, parts: Sequence[Path], path: Path) -> None:
        """See `Table.join`; a part becomes a row group."""
        import pyarrow.parquet as pq

        with path.open("wb") as whole, pq.ParquetWriter(whole, self.schema) as writer:
            for part in parts:
                writer.write_table(pq.read_table(part, partitioning=None))


def _fixed(rows: list[Any], kind: Any) -> Any:
    """Arrays of one length, some of them missing, as a column."""
    import pyarrow as pa

    missing = np.array([row is None for row in rows], dtype=bool)
    values = np.zeros((len(rows), kind.list_size), dtype=np.float32)
    for place, row in enumerate(rows):
        if row is not None:
            values[place] = row
    return pa.FixedSizeListArray.from_arrays(
        pa.array(values.ravel()), type=kind, mask=pa.array(missing)
    )
