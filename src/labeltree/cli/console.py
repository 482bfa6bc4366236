"""What train, evaluate and demo do when they have a record: report, table, where things lie."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.console import Console


def finish_run(folder: Path, record: dict[str, Any], console: Console) -> None:
    """Write the report of a run folder and print the results."""
    from labeltree.errors import MissingExtraError
    from labeltree.reports import results_table, write_report
    from labeltree.runs.telling import tell

    try:
        report = str(write_report(folder))
    except MissingExtraError as error:
        report = str(error)
    console.print(results_table(record))
    tell(console, "report", report)
    tell(console, "run", str(folder))
