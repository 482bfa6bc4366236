"""The page of an audit."""

from __future__ import annotations

from pathlib import Path

from labeltree.reports.audit import headline
from labeltree.reports.audit.figures import SECTIONS
from labeltree.reports.audit.files import file_links
from labeltree.reports.audit.folder import AuditFolder, read_audit_folder
from labeltree.reports.audit.remark import Remark
from labeltree.reports.charts import Figure
from labeltree.reports.page import FIGURE_FOLDER, PAGE, render, write_figures
from labeltree.writing import write_text

FIXED = ("suspects", "misfits", "pairs_within", "pairs_across", "accounting")
BY_LEVEL = ("branches_*.png", "leakage_*.png")

Section = Figure | Remark


def write_audit_report(folder: Path) -> Path:
    """Write `report.html` and `figures/*.png` into an audit's folder and return the page's path.

    Raises:
        ModelFolderError: there is no record, or a file is damaged.
        TaxonomyError: `taxonomy.json` is damaged.
        MissingExtraError: Plotly or Jinja2 is not installed.
    """
    audit = read_audit_folder(folder)
    sections = describe(audit)
    page, drawn = audit.path / PAGE, audit.path / FIGURE_FOLDER
    write_text(page, render_page(audit, sections))
    earlier = [path.stem for pattern in BY_LEVEL for path in drawn.glob(pattern)]
    write_figures(figures_of(sections), [*FIXED, *earlier], drawn)
    return page


def describe(audit: AuditFolder) -> list[Section]:
    """Figures, and words where nothing was found, in the order of the page."""
    return [section for make in SECTIONS for section in make(audit)]


def figures_of(sections: list[Section]) -> list[Figure]:
    """The sections that are drawn."""
    return [section for section in sections if isinstance(section, Figure)]


def render_page(audit: AuditFolder, sections: list[Section]) -> str:
    """The page as HTML.

    Raises:
        MissingExtraError: Plotly or Jinja2 is not installed.
    """
    return render(
        "audit.html.j2",
        figures_of(sections),
        title=headline.title(audit),
        subtitle=headline.subtitle(audit),
        sentences=headline.sentences(audit),
        notes=audit.record.notes,
        key_numbers=headline.key_numbers(audit),
        sections=sections,
        files=file_links(audit),
        facts=headline.fact_tables(audit),
        command=audit.record.command,
        version=audit.record.labeltree,
    )
