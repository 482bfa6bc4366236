"""The page of a run."""

from __future__ import annotations

from pathlib import Path

from labeltree.reports.charts import Figure
from labeltree.reports.page import FIGURE_FOLDER, PAGE, render, write_figures
from labeltree.reports.run import headline
from labeltree.reports.run.facts import fact_tables, recipe_table, score_table
from labeltree.reports.run.figures import RUN_FIGURES
from labeltree.reports.run.folder import RunFolder, read_run_folder
from labeltree.writing import write_text


def write_run_report(folder: Path) -> Path:
    """Write `report.html` and `figures/*.png` into a run folder and return the page's path.

    Raises:
        ModelFolderError: there is no record, or a file is damaged.
        MissingExtraError: Plotly or Jinja2 is not installed.
    """
    run = read_run_folder(folder)
    figures = describe(run)
    page = run.path / PAGE
    write_text(page, render_page(run, figures))
    write_figures(figures, RUN_FIGURES, run.path / FIGURE_FOLDER)
    return page


def describe(run: RunFolder) -> list[Figure]:
    """The figures that the run has data for, in the order of the page."""
    return [figure for make in RUN_FIGURES.values() if (figure := make(run))]


def render_page(run: RunFolder, figures: list[Figure]) -> str:
    """The page as HTML.

    Raises:
        MissingExtraError: Plotly or Jinja2 is not installed.
    """
    return render(
        "run.html.j2",
        figures,
        title=headline.title(run),
        subtitle=headline.subtitle(run),
        sentences=headline.sentences(run),
        key_numbers=headline.key_numbers(run),
        scores=score_table(run),
        facts=fact_tables(run),
        recipe=recipe_table(run),
        command=str(run.record.get("command") or ""),
        version=str(run.record.get("labeltree") or ""),
    )
