"""Reports read records: the HTML page with its figures, tables for the console and for Markdown.

```
run/      of a run: what its files hold, its figures        run/figures/<figure>.py
study/    of a study: what all studies have, their figures  study/figures/<study>/<figure>.py
audit/    of an audit: its sections                         audit/figures/<section>.py
charts    what a figure shows, as data; drawn by interactive/ (in the page) and still/ (as PNG)
page      what all pages share; template/ holds their HTML
```

They know the files of a folder and nothing of models; importing this package is cheap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from rich.table import Table

__all__ = ["markdown_table", "results_table", "study_markdown", "study_table", "write_report"]


def write_report(folder: Path) -> Path:
    """Write the report into the folder of a run, a study or an audit; see `kinds`."""
    from labeltree.reports.kinds import write_report as write

    return write(folder)


def results_table(record: dict[str, Any]) -> Table:
    """The scores of a run's record for the console; see `labeltree.reports.run.console`."""
    from labeltree.reports.run.console import results_table as tabulate

    return tabulate(record)


def markdown_table(records: list[dict[str, Any]]) -> str:
    """Records of runs beside each other, as Markdown; see `labeltree.reports.run.comparison`."""
    from labeltree.reports.run.comparison import markdown_table as tabulate

    return tabulate(records)


def study_table(record: dict[str, Any]) -> Table:
    """The main table of a study for the console; see `labeltree.reports.study.console`."""
    from labeltree.reports.study.console import study_table as tabulate

    return tabulate(record)


def study_markdown(record: dict[str, Any]) -> str:
    """Findings and tables of a study, as Markdown; see `labeltree.reports.study.markdown`."""
    from labeltree.reports.study.markdown import study_markdown as write

    return write(record)
