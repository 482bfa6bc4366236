"""Reports read records: the HTML page with its figures, tables for the console and for Markdown.

They know the files of a run and nothing of models; importing this package is cheap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from rich.table import Table

__all__ = ["markdown_table", "results_table", "write_report"]


def write_report(run_folder: Path) -> Path:
    """Write the HTML page and the PNG figures of a run; see `labeltree.reports.page`."""
    from labeltree.reports.page import write_report as write

    return write(run_folder)


def results_table(record: dict[str, Any]) -> Table:
    """The scores of a record for the console; see `labeltree.reports.console`."""
    from labeltree.reports.console import results_table as tabulate

    return tabulate(record)


def markdown_table(records: list[dict[str, Any]]) -> str:
    """Records beside each other, as Markdown; see `labeltree.reports.markdown`."""
    from labeltree.reports.markdown import markdown_table as tabulate

    return tabulate(records)
