"""What kinds of records there are, and which report each gets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from labeltree.errors import ModelFolderError, suggestion
from labeltree.reports.audit.page import write_audit_report
from labeltree.reports.record import RECORD, read_record
from labeltree.reports.run.page import write_run_report
from labeltree.reports.study.page import write_study_report

KINDS: dict[str, Callable[[Path], Path]] = {
    "train": write_run_report,
    "evaluate": write_run_report,
    "study": write_study_report,
    "comparison": write_study_report,  # its record has the same parts
    "audit": write_audit_report,
}


def write_report(folder: Path) -> Path:
    """Write the report of a run, a study, a comparison or an audit, by the `kind` of its record.

    Only the files of the folder are read; no model is opened. What was not measured is left out.
    An earlier report is replaced, since it says nothing that the files do not.

    Args:
        folder: made by one of them; holds at least `record.json`.

    Returns:
        The path of the page.

    Raises:
        ModelFolderError: there is no record, it is of an unknown kind, or a file is damaged.
        MissingExtraError: Plotly or Jinja2 is not installed.
    """
    folder = Path(folder)
    kind = str(read_record(folder).get("kind", "train"))
    if kind not in KINDS:
        raise ModelFolderError(
            f"{folder / RECORD} is of kind {kind!r}, which has no report; {suggestion(kind, KINDS)}"
        )
    return KINDS[kind](folder)
