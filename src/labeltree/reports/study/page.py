"""The page of a study or a comparison, and its tables as Markdown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from labeltree.reports.charts import Figure
from labeltree.reports.page import FIGURE_FOLDER, PAGE, render, write_figures
from labeltree.reports.record import Json, read_record
from labeltree.reports.study import comparison, words
from labeltree.reports.study.figures import STUDY_FIGURES
from labeltree.reports.study.markdown import study_markdown
from labeltree.reports.study.record import StudyRecord, parse
from labeltree.writing import write_text

TABLES = "tables.md"


def write_study_report(folder: Path) -> Path:
    """Write `report.html`, `figures/*.png` and `tables.md` into the folder of a study.

    Of a comparison of runs, too: its record has the same parts.

    Returns:
        The path of the page.

    Raises:
        ModelFolderError: there is no record, or it is damaged.
        MissingExtraError: Plotly or Jinja2 is not installed; the tables are written all the same.
    """
    folder = Path(folder)
    # Some figures draw files that lie beside the record.
    record = {**read_record(folder), "folder": str(folder)}
    figures = describe(record)
    write_text(folder / TABLES, study_markdown(record))
    write_text(folder / PAGE, render_page(record, figures))
    write_figures(figures, _makers(record), folder / FIGURE_FOLDER)
    return folder / PAGE


def describe(record: Json) -> list[Figure]:
    """The figures that the record has data for, in the order of the page."""
    return [figure for make in _makers(record).values() if (figure := make(record))]


def render_page(record: Json, figures: list[Figure]) -> str:
    """The page as HTML.

    Raises:
        ModelFolderError: the record is damaged.
        MissingExtraError: Plotly or Jinja2 is not installed.
    """
    study = parse(StudyRecord, record)
    return render(
        "study.html.j2",
        figures,
        title=words.title(study),
        subtitle=words.subtitle(study),
        source=study.source,
        sentences=study.conclusions,
        key_numbers=[*words.key_numbers(study), *comparison.key_numbers(record)],
        findings=study.findings,
        sign=words.verdict_sign,
        tables=[(table, words.shown_table(table)) for table in study.tables],
        facts=words.fact_tables(study),
        members=words.member_table(study) or comparison.run_table(record),
        command=study.command,
        version=study.labeltree,
    )


def _makers(record: Json) -> dict[str, Callable[[Json], Figure | None]]:
    """The figures of this study; none for a study that this labeltree does not know."""
    return STUDY_FIGURES.get(str(record.get("name")), {})
