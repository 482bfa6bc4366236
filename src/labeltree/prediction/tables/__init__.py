"""The kinds of files that predictions are written to, by the ending of the name."""

from __future__ import annotations

from pathlib import Path

from labeltree.errors import ConfigError
from labeltree.prediction.tables.csv_table import CsvTable
from labeltree.prediction.tables.json_lines import JsonLines
from labeltree.prediction.tables.layout import Layout, Table
from labeltree.prediction.tables.parquet_table import ParquetTable

TABLES: dict[str, type[Table]] = {
    ".parquet": ParquetTable,
    ".csv": CsvTable,
    ".jsonl": JsonLines,
}

__all__ = ["TABLES", "Layout", "Table", "table_for"]


def table_for(out: Path) -> type[Table]:
    """The kind of table that the name of a file asks for.

    Raises:
        ConfigError: none has such an ending.
        MissingExtraError: what writes it is not installed.
    """
    kind = TABLES.get(out.suffix.lower())
    if kind is None:
        raise ConfigError(f"--out {out}: give a file that ends in {', '.join(TABLES)}")
    kind.check()
    return kind
