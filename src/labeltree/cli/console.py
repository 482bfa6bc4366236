"""What commands do when they have a record: report, table, where things lie."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.console import Console


def finish_run(folder: Path, record: dict[str, Any], console: Console) -> None:
    """Write the report of a run folder and print the results."""
    from labeltree.reports import results_table
    from labeltree.runs.telling import tell

    report = _report(folder)
    console.print(results_table(record))
    tell(console, "report", report)
    tell(console, "run", str(folder))


def finish_study(folder: Path, record: dict[str, Any], console: Console) -> None:
    """Write the report and the tables of a study and print its first table and its findings."""
    from labeltree.reports import study_table
    from labeltree.runs.telling import tell

    report = _report(folder)
    console.print(study_table(record))
    for finding in record["findings"]:
        tell(console, finding["verdict"], f"{finding['claim']}. {finding['measured']}")
    tell(console, "report", report)
    tell(console, "study", str(folder))


def finish_audit(folder: Path, record: dict[str, Any], console: Console) -> None:
    """Write the report of an audit and print what it found first."""
    from labeltree.cli.audit_summary import summary
    from labeltree.runs.telling import tell

    for word, sentence in summary(record):
        tell(console, word, sentence)
    tell(console, "report", _report(folder))
    for table in sorted(folder.glob("*.csv")):
        tell(console, "table", str(table))


def finish_comparison(folder: Path, record: dict[str, Any], console: Console) -> None:
    """Write the report of a comparison and print its first table and what it comes to."""
    from labeltree.reports import study_table
    from labeltree.runs.telling import tell

    report = _report(folder)
    console.print(study_table(record))
    for sentence in record["conclusions"]:
        tell(console, "found", sentence)
    tell(console, "report", report)
    for table in sorted(folder.glob("*.csv")):
        tell(console, "table", str(table))


def _report(folder: Path) -> str:
    """The path of the report, or why there is none."""
    from labeltree.errors import MissingExtraError
    from labeltree.reports import write_report

    try:
        return str(write_report(folder))
    except MissingExtraError as error:
        return str(error)
